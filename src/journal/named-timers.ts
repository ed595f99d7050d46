import type { Clock, Undo } from '../clock.js'

/** Timers of which each name has at most one. */
export class NamedTimers<Name extends string> {
  readonly #clock: Clock
  readonly #set = new Map<Name, Undo>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sets a timer, where that one is not set. */
  arm(name: Name, delayMs: number, fire: () => void): void {
    if (this.#closed || this.#set.has(name)) return
    const undo = this.#clock.setTimer(delayMs, () => {
      this.#set.delete(name)
      fire()
    })
    this.#set.set(name, undo)
  }

  /** None fires any more, and none can be set. */
  close(): void {
    this.#closed = true
    for (const undo of this.#set.values()) undo()
    this.#set.clear()
  }
}
