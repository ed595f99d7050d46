import type { Undo } from '../../src/clock.js'

interface Entry {
  readonly time: number
  /** Decides between events of the same time. */
  readonly tie: number
  readonly serial: number
  fire: (() => void) | undefined
}

/** Everything that is going to happen, by time; what is due at the same time comes in an order of the seed's choice. */
export class Agenda {
  readonly #tie: (time: number, nth: number) => number
  readonly #heap: Entry[] = []
  /** How many were entered for a time that has not passed. */
  readonly #entered = new Map<number, number>()
  #now = 0
  #serial = 0
  #fired = 0

  /** `tie` decides for the nth event of a time, from 0; always 0 keeps the order in which they were entered. */
  constructor(tie: (time: number, nth: number) => number) {
    this.#tie = tie
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now
  }

  /** Events that have happened. */
  get fired(): number {
    return this.#fired
  }

  after(delayMs: number, fire: () => void): Undo {
    const time = this.#now + Math.max(0, delayMs)
    const nth = this.#entered.get(time) ?? 0
    this.#entered.set(time, nth + 1)
    const entry: Entry = { time, tie: this.#tie(time, nth), serial: this.#serial++, fire }
    this.#rise(entry)
    return () => {
      entry.fire = undefined
    }
  }

  at(time: number, fire: () => void): Undo {
    return this.after(time - this.#now, fire)
  }

  /** Goes to the next event and lets it happen; false where there is none up to `limit`: then it is `limit`. */
  next(limit: number): boolean {
    for (;;) {
      const first = this.#heap[0]
      if (!first || first.time > limit) {
        this.#now = Math.max(this.#now, limit)
        return false
      }
      this.#sink()
      if (first.time > this.#now) this.#entered.delete(this.#now)
      this.#now = first.time
      const { fire } = first
      if (!fire) continue
      first.fire = undefined
      this.#fired++
      fire()
      return true
    }
  }

  #rise(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (!parent || !isBefore(entry, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  #sink(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      if (!left) break
      const right = heap[2 * at + 2]
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, last)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
  }
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.time < b.time ||
  (a.time === b.time && (a.tie < b.tie || (a.tie === b.tie && a.serial < b.serial)))

/** Turns that are taken in one round of the event loop: each ends only when no promise can go on, a round costs more. */
const ROUND = 64
const waiting: (() => void)[] = []
let turnsLeft = 0

/** Resolves when every promise that can go on has gone on: nothing here waits for the world outside. */
export const quiet = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    if (turnsLeft >= waiting.length) return
    turnsLeft += ROUND
    for (let n = 0; n < ROUND; n++) setImmediate(takeTurn)
  })

function takeTurn(): void {
  turnsLeft--
  waiting.shift()?.()
}
