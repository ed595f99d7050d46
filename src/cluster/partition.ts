import type { DeviceStates } from './device-states.js'
import type { QueueChannel, QueueMessage } from './queue-port.js'
import type { TakenState } from './state-marks.js'
import type { KeptState } from './state-store.js'
import { Step } from './step.js'

/**
 * - closed: not at the queue's end.
 * - standby: there, and nothing has come: somebody else has the queue, or nobody has sent.
 * - claiming: something has come, so it is ours; its states are on their way.
 * - owned: frames are taken.
 * - stalled: the state store failed us; what has been taken waits until it is back.
 * - leaving: nothing more is taken, and what has been is finished.
 */
export type PartitionPhase = 'closed' | 'standby' | 'claiming' | 'owned' | 'stalled' | 'leaving'

export interface PartitionPorts {
  readonly states: Pick<DeviceStates, 'claim' | 'load' | 'write' | 'reclaim'>
  readonly prefetch: number
  /** Opens a channel; `onClosed` where it was not us who closed it. */
  openChannel(onClosed: () => void): Promise<QueueChannel>
  /** Takes a message's frame to the fleet: what it leads to holds the step. */
  deliver(step: Step, message: QueueMessage): void
  /** The partition is ours, and its devices stand here. */
  onClaimed(partition: number, states: readonly TakenState[]): void
  /** It is not ours any more, with all its devices. */
  onLost(partition: number): void
  /** All its devices, as they stand now. */
  statesOf(partition: number): readonly KeptState[]
  /** There is something to be written. */
  onReady(): void
  onTrouble(partition: number, code: string, reason: string): void
}

/**
 * Frames of one device that are taken and not acknowledged; no more than the last ones of which a device's state knows
 * that they came, so that one that comes again is known for that.
 */
const MOST_OF_A_DEVICE = 8
/** So many states go to the store at once where all of them are written anew. */
const CHUNK = 500

/** One partition's queue and the devices whose frames it brings, while it is ours. */
export class Partition {
  readonly number: number
  readonly #queue: string
  readonly #ports: PartitionPorts
  #phase: PartitionPhase = 'closed'
  #channel: QueueChannel | undefined
  /** Grows whenever what belongs to the channel is void. */
  #life = 0
  #token = ''
  #waiting: QueueMessage[] = []
  /** Taken, in their order, and not written. */
  #steps: Step<QueueMessage>[] = []
  #writing = 0
  /** Routing key → frames that are taken and not acknowledged. */
  readonly #underWay = new Map<string, number>()
  #onFinished: () => void = () => {}

  constructor(number: number, queue: string, ports: PartitionPorts) {
    this.number = number
    this.#queue = queue
    this.#ports = ports
  }

  get phase(): PartitionPhase {
    return this.#phase
  }

  get isOurs(): boolean {
    return this.#phase === 'owned' || this.#phase === 'stalled' || this.#phase === 'leaving'
  }

  get isStalled(): boolean {
    return this.#phase === 'stalled' || (this.#phase !== 'owned' && this.#waiting.length > 0)
  }

  /** Whether something is to be written and may be. */
  get isReady(): boolean {
    const may = this.#phase === 'owned' || this.#phase === 'leaving'
    return may && this.#writing === 0 && this.#steps[0]?.over === true
  }

  /** Stands in line for the queue. Rejects where the connection is lost. */
  async join(): Promise<void> {
    if (this.#phase !== 'closed') return
    const life = ++this.#life
    this.#phase = 'standby'
    try {
      const channel = await this.#ports.openChannel(() => this.#isNow(life) && this.#drop())
      if (!this.#isNow(life)) {
        await channel.close()
        return
      }
      this.#channel = channel
      await channel.consume(this.#queue, this.#ports.prefetch, (message) => {
        if (this.#isNow(life)) this.#receive(message)
      })
    } catch (error) {
      if (this.#isNow(life)) this.#drop()
      throw error
    }
  }

  /** Only time has passed for some of its devices; undefined where it is not ours. */
  begin(): Step | undefined {
    return this.isOurs ? this.#open(undefined) : undefined
  }

  /** Writes what is ready, then acknowledges it. */
  async write(): Promise<void> {
    const life = this.#life
    const end = this.#steps.findIndex((step) => !step.over)
    const batch = this.#steps.slice(0, end < 0 ? undefined : end)
    const states = new Map(batch.flatMap((step) => [...step.states]))
    this.#writing = batch.length
    try {
      // Where nothing is known anew there is nothing that another owner could lack.
      const ours = states.size === 0 || (await this.#put([...states]))
      if (!this.#isNow(life)) return
      this.#writing = 0
      if (ours) this.#written(batch.length)
      else await this.#fenced()
    } catch (error) {
      if (!this.#isNow(life)) return
      this.#writing = 0
      if (this.#phase === 'owned') this.#phase = 'stalled'
      this.#complain(error)
    }
  }

  /** Goes on where the store had failed us, if it is back; to be called now and then. */
  async recover(): Promise<void> {
    if (this.#phase === 'standby' && this.#waiting.length > 0) await this.#claim()
    // What is on its way to the output has to arrive first: the devices stand behind it already.
    const idle = this.#writing === 0 && this.#steps.every((step) => step.over)
    if (this.#phase !== 'stalled' || !idle) return
    const life = this.#life
    this.#writing = this.#steps.length
    try {
      // It may have gone back to what it had a moment ago, or to nothing: it is told everything again.
      let ours = await this.#ports.states.reclaim(this.number, this.#token)
      const states = this.#ports.statesOf(this.number)
      for (let from = 0; ours && from < states.length && this.#isNow(life); from += CHUNK)
        ours = await this.#put(states.slice(from, from + CHUNK))
      if (!this.#isNow(life)) return
      const rewritten = this.#writing
      this.#writing = 0
      if (!ours) {
        await this.#fenced()
        return
      }
      this.#phase = 'owned'
      this.#written(rewritten)
    } catch (error) {
      if (!this.#isNow(life)) return
      this.#writing = 0
      this.#complain(error)
    }
  }

  /** Finishes what has been taken, or gives it up at the deadline, and leaves the queue to somebody else. */
  async leave(deadline: Promise<void>): Promise<void> {
    if (this.#phase === 'closed') return
    if (this.isOurs) {
      this.#phase = 'leaving'
      const finished = new Promise<void>((resolve) => {
        this.#onFinished = resolve
      })
      if (this.#steps.length > 0) await Promise.race([finished, deadline])
    }
    const channel = this.#channel
    this.#drop()
    await channel?.close()
  }

  /** The channel is gone: what came by it belongs to whoever gets it next. */
  drop(): void {
    if (this.#phase !== 'closed') this.#drop()
  }

  #receive(message: QueueMessage): void {
    this.#waiting.push(message)
    if (this.#phase === 'standby') void this.#claim()
    else this.#pump()
  }

  async #claim(): Promise<void> {
    const life = this.#life
    const { states, onClaimed } = this.#ports
    this.#phase = 'claiming'
    try {
      const { token } = await states.claim(this.number)
      // Whoever had it before cannot write any more: these are the last states.
      const taken = await states.load(this.number)
      if (!this.#isNow(life)) return
      this.#token = token
      this.#phase = 'owned'
      onClaimed(this.number, taken)
      this.#pump()
    } catch (error) {
      if (!this.#isNow(life)) return
      this.#phase = 'standby'
      this.#complain(error)
    }
  }

  #pump(): void {
    while (this.#phase === 'owned') {
      const [next] = this.#waiting
      if (!next || (this.#underWay.get(next.routingKey) ?? 0) >= MOST_OF_A_DEVICE) return
      this.#waiting.shift()
      this.#take(next)
    }
  }

  #take(message: QueueMessage): void {
    const step = this.#open(message)
    const { routingKey } = message
    this.#underWay.set(routingKey, (this.#underWay.get(routingKey) ?? 0) + 1)
    if (!message.tick) this.#ports.deliver(step, message)
    step.taken()
  }

  #open(message: QueueMessage | undefined): Step<QueueMessage> {
    const life = this.#life
    const step = new Step(this.number, message, () => this.#isNow(life) && this.#ports.onReady())
    this.#steps.push(step)
    return step
  }

  #put(states: readonly KeptState[]): Promise<boolean> {
    return this.#ports.states.write(this.number, this.#token, states)
  }

  /** The first steps are safe. */
  #written(steps: number): void {
    let last: QueueMessage | undefined
    for (const { message } of this.#steps.splice(0, steps)) {
      if (!message) continue
      last = message
      const left = (this.#underWay.get(message.routingKey) ?? 0) - 1
      if (left > 0) this.#underWay.set(message.routingKey, left)
      else this.#underWay.delete(message.routingKey)
    }
    if (last) this.#channel?.ackUpTo(last.tag)
    if (this.#steps.length === 0) this.#onFinished()
    this.#pump()
    if (this.isReady) this.#ports.onReady()
  }

  /** Somebody else has claimed it: what we know of its devices is of the past. */
  async #fenced(): Promise<void> {
    const channel = this.#channel
    this.#drop()
    this.#ports.onTrouble(this.number, 'fenced', 'another bridge has taken this partition over')
    await channel?.close()
  }

  #drop(): void {
    const { isOurs } = this
    this.#life++
    this.#phase = 'closed'
    this.#channel = undefined
    this.#waiting = []
    this.#steps = []
    this.#writing = 0
    this.#underWay.clear()
    this.#onFinished()
    if (isOurs) this.#ports.onLost(this.number)
  }

  #isNow(life: number): boolean {
    return life === this.#life
  }

  #complain(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'state-store'
    const reason = error instanceof Error ? error.message : String(error)
    this.#ports.onTrouble(this.number, code, reason)
  }
}
