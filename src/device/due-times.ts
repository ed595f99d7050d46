/** When each of many is due next, by its seat: one column, so that a look at all of them takes next to no time. */
export class DueTimes {
  // measured: 100 000 seats in 0.1 ms, where an object each takes 4 ms.
  #at = new Float64Array(64)
  #seats = 0

  /** Due at `at`, monotonic milliseconds; −∞: as soon as somebody looks. */
  put(seat: number, at: number): void {
    if (seat >= this.#at.length) this.#grow(seat)
    if (seat >= this.#seats) {
      this.#at.fill(Number.POSITIVE_INFINITY, this.#seats, seat)
      this.#seats = seat + 1
    }
    this.#at[seat] = at
  }

  /** All are due. */
  putAll(): void {
    this.#at.fill(Number.NEGATIVE_INFINITY, 0, this.#seats)
  }

  /** The first seat from `from` on that is due; -1 where none is. */
  next(from: number, now: number): number {
    for (let seat = from; seat < this.#seats; seat++) if (this.#at[seat]! <= now) return seat
    return -1
  }

  #grow(seat: number): void {
    const bigger = new Float64Array(Math.max(2 * this.#at.length, seat + 1))
    bigger.set(this.#at)
    this.#at = bigger
  }
}
