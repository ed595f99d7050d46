/** Something with a time of its own at which it wants to be called. */
export interface Due {
  readonly nextAt: number
}

/** Earliest first: a binary heap, so that ten thousand devices cost a dozen comparisons a frame. */
export class DueQueue<T extends Due> {
  readonly #heap: T[] = []

  constructor(entries: Iterable<T>) {
    for (const entry of entries) this.add(entry)
  }

  /** What is due first; undefined where there is nothing. */
  get first(): T | undefined {
    return this.#heap[0]
  }

  add(entry: T): void {
    this.#heap.push(entry)
    let at = this.#heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#due(parent) <= this.#due(at)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Puts the first entry where it belongs after its time has moved on. */
  firstMoved(): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      let earliest = at
      if (this.#due(left) < this.#due(earliest)) earliest = left
      if (this.#due(left + 1) < this.#due(earliest)) earliest = left + 1
      if (earliest === at) return
      this.#swap(at, earliest)
      at = earliest
    }
  }

  #due(at: number): number {
    return this.#heap[at]?.nextAt ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = entry
  }
}
