/** Hands out turns, so many a second and no faster; for ever more a second, at once. */
export class Turns {
  readonly #perSecond: number
  readonly #begin = performance.now()
  #taken = 0

  constructor(perSecond = Number.POSITIVE_INFINITY) {
    this.#perSecond = perSecond
  }

  /** How many were handed out. */
  get taken(): number {
    return this.#taken
  }

  async next(): Promise<void> {
    const dueAt = this.#begin + (this.#taken++ * 1000) / this.#perSecond
    while (performance.now() < dueAt) {
      await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()))
    }
  }
}
