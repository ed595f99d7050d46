/** First in, first out; the array behind it is cut now and then, not at every shift. */
export class EntryLine<T> {
  #entries: T[] = []
  /** Entries before this one are gone. */
  #head = 0

  get size(): number {
    return this.#entries.length - this.#head
  }

  get first(): T | undefined {
    return this.#entries[this.#head]
  }

  push(entry: T): void {
    this.#entries.push(entry)
  }

  shift(): T | undefined {
    const entry = this.#entries[this.#head]
    if (entry === undefined) return undefined
    this.#head++
    if (this.#head === this.#entries.length || this.#head > 1024) this.#cut()
    return entry
  }

  /** Takes entries in among the others, all of them in this order. */
  enter(entries: readonly T[], compare: (a: T, b: T) => number): void {
    if (entries.length === 0) return
    this.#entries = [...entries, ...this.#entries.slice(this.#head)].sort(compare)
    this.#head = 0
  }

  /** Takes the entries out that are like this; the others stay in their order. */
  takeOut(isLike: (entry: T) => boolean): T[] {
    const entries = this.#entries.slice(this.#head)
    this.#entries = entries.filter((entry) => !isLike(entry))
    this.#head = 0
    return entries.filter(isLike)
  }

  #cut(): void {
    if (this.#head * 2 < this.#entries.length) return
    this.#entries.splice(0, this.#head)
    this.#head = 0
  }
}
