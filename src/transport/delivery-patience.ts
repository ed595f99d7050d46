import type { Clock, Undo } from '../clock.js'

type Done = (error?: Error | null) => void

/**
 * Lets a publisher wait for the readers of its message, which slows it down to what they can take, but not for
 * ever: a reader that is stuck holds it up for `patienceMs` and not until that reader is sent away.
 */
export class DeliveryPatience {
  readonly #clock: Clock
  readonly #patienceMs: number
  /** What still waits and since when, oldest first. */
  readonly #waiting = new Map<Done, number>()
  #cancelSweep: Undo | undefined

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock
    this.#patienceMs = patienceMs
  }

  /** Returns what to call at the delivery; `done` is called once, then or when patience is over. */
  wait(done: Done): Done {
    const finish: Done = (error) => {
      if (this.#waiting.delete(finish)) done(error)
    }
    this.#waiting.set(finish, this.#clock.mono())
    this.#cancelSweep ??= this.#clock.setTimer(this.#patienceMs, () => this.#sweep())
    return finish
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#cancelSweep?.()
    for (const finish of [...this.#waiting.keys()]) finish()
  }

  /** One timer for all, which runs only while somebody waits. */
  #sweep(): void {
    this.#cancelSweep = undefined
    const overdue = this.#clock.mono() - this.#patienceMs
    for (const [finish, since] of this.#waiting) {
      if (since > overdue) break
      finish()
    }
    if (this.#waiting.size === 0) return
    this.#cancelSweep ??= this.#clock.setTimer(this.#patienceMs / 4, () => this.#sweep())
  }
}
