import type { Clock, Undo } from '../../src/clock.js'

/** A clock that moves only when told to; timers fire in order of their time. */
export class ManualClock implements Clock {
  #mono: number
  #wallOffset: number
  #timers: { at: number; order: number; fire: () => void }[] = []
  #order = 0

  constructor(start: { mono?: number; wall?: number } = {}) {
    this.#mono = start.mono ?? 0
    this.#wallOffset = (start.wall ?? Date.UTC(2026, 0, 1)) - this.#mono
  }

  mono(): number {
    return this.#mono
  }

  wall(): number {
    return this.#wallOffset + this.#mono
  }

  setTimer(delayMs: number, fire: () => void): Undo {
    const timer = { at: this.#mono + Math.max(0, delayMs), order: this.#order++, fire }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** Lets `ms` pass, firing what falls due on the way. */
  advance(ms: number): void {
    const end = this.#mono + ms
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!due) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#mono = Math.max(this.#mono, due.at)
      due.fire()
    }
    this.#mono = end
  }

  /** Lets `ms` pass at once, as while the process was held up: what fell due meanwhile fires at the end of it. */
  jump(ms: number): void {
    this.#mono += ms
    this.advance(0)
  }

  /** Moves the wall clock alone, as a time server or a user would. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms
  }
}
