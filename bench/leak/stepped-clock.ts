import type { Clock, Undo } from '../../src/clock.js'

interface Timer {
  readonly at: number
  readonly order: number
  readonly fire: () => void
  undone: boolean
}

/** A clock that is moved on by hand, as fast as the work goes; timers fire in the order of their times. */
export class SteppedClock implements Clock {
  #mono = 0
  #order = 0
  /** A heap: the next timer first. */
  readonly #timers: Timer[] = []

  mono(): number {
    return this.#mono
  }

  wall(): number {
    return Date.UTC(2026, 0, 1) + this.#mono
  }

  setTimer(delayMs: number, fire: () => void): Undo {
    const timer = { at: this.#mono + delayMs, order: this.#order++, fire, undone: false }
    this.#timers.push(timer)
    this.#up(this.#timers.length - 1)
    return () => {
      timer.undone = true
    }
  }

  advance(ms: number): void {
    const end = this.#mono + ms
    for (let next = this.#timers[0]; next && next.at <= end; next = this.#timers[0]) {
      this.#removeFirst()
      this.#mono = Math.max(this.#mono, next.at)
      if (!next.undone) next.fire()
    }
    this.#mono = end
  }

  #removeFirst(): void {
    const last = this.#timers.pop()
    if (!last || this.#timers.length === 0) return
    this.#timers[0] = last
    this.#down()
  }

  #up(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#swapped(parent, child)) return
      child = parent
    }
  }

  #down(): void {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const right = left + 1
      const child = right < this.#timers.length && this.#isBefore(right, left) ? right : left
      if (child >= this.#timers.length || !this.#swapped(parent, child)) return
      parent = child
    }
  }

  /** Puts the earlier of both above the other; false where it was. */
  #swapped(parent: number, child: number): boolean {
    if (!this.#isBefore(child, parent)) return false
    const [above, below] = [this.#timers[parent]!, this.#timers[child]!]
    this.#timers[parent] = below
    this.#timers[child] = above
    return true
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#timers[a]!, this.#timers[b]!]
    return one.at < other.at || (one.at === other.at && one.order < other.order)
  }
}
