/**
 * What one message does, or time does, to devices: it is over once nobody holds it any more, that is, once everything that
 * it led to is published. Then the states that it left are written, then its message acknowledged.
 */
export class Step<Message = unknown> {
  /** The number of the partition, or of the topic, that the devices are of. */
  readonly partition: number
  /** Undefined where only time has passed. */
  readonly message: Message | undefined
  /** Device → its state after this step. */
  readonly states = new Map<string, string>()
  readonly #onOver: () => void
  /** One more while it is being taken. */
  #holders = 1

  constructor(partition: number, message: Message | undefined, onOver: () => void) {
    this.partition = partition
    this.message = message
    this.#onOver = onOver
  }

  get over(): boolean {
    return this.#holders === 0
  }

  /** A device stands here after this step. */
  keep(device: string, state: string): void {
    this.states.set(device, state)
  }

  /** The step is not over before the result is called. */
  hold(): () => void {
    this.#holders++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#release()
    }
  }

  /** It has been taken. */
  taken(): void {
    this.#release()
  }

  #release(): void {
    this.#holders--
    if (this.#holders === 0) this.#onOver()
  }
}
