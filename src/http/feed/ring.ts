/** The latest things of a kind, each with its number, so that whoever looks now and then sees what is new. */
export class Ring<T> {
  readonly #capacity: number
  readonly #items: T[] = []
  #total = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** How many there have been; the next one gets this number. */
  get total(): number {
    return this.#total
  }

  push(item: T): void {
    this.#items[this.#total++ % this.#capacity] = item
  }

  /** What came from this number on and is still there, the oldest first. */
  since(number: number): T[] {
    const items: T[] = []
    const oldest = Math.max(number, this.#total - this.#items.length)
    for (let n = oldest; n < this.#total; n++) items.push(this.#items[n % this.#capacity] as T)
    return items
  }
}
