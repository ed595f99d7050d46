import type { Clock, Undo } from '../../src/clock.js'

/** Another clock whose timers are timed: the longest that one of them held the event loop up. */
export class TimedClock implements Clock {
  #longestMs = 0
  readonly #base: Clock

  constructor(base: Clock) {
    this.#base = base
  }

  mono(): number {
    return this.#base.mono()
  }

  wall(): number {
    return this.#base.wall()
  }

  setTimer(delayMs: number, fire: () => void): Undo {
    return this.#base.setTimer(delayMs, () => {
      const began = performance.now()
      fire()
      this.#longestMs = Math.max(this.#longestMs, performance.now() - began)
    })
  }

  /** Milliseconds since this was asked last. */
  takeLongestMs(): number {
    const longest = this.#longestMs
    this.#longestMs = 0
    return longest
  }
}
