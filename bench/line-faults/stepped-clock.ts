import type { Clock, Undo } from '../../src/clock.js'

/** A clock that a course moves on; timers fire on the way, in order of their time. */
export class SteppedClock implements Clock {
  readonly #startWall: number
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>()
  #now = 0

  constructor(startWall: number) {
    this.#startWall = startWall
  }

  mono(): number {
    return this.#now
  }

  wall(): number {
    return this.#startWall + this.#now
  }

  setTimer(delayMs: number, fire: () => void): Undo {
    const timer = { at: this.#now + delayMs, fire }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advanceTo(time: number): void {
    for (;;) {
      let next: { readonly at: number; readonly fire: () => void } | undefined
      for (const timer of this.#timers) {
        if (timer.at <= time && (!next || timer.at < next.at)) next = timer
      }
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fire()
    }
    this.#now = Math.max(this.#now, time)
  }
}
