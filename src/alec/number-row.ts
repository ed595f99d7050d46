/** Where numbers are laid down one after the other. */
export interface NumberSink {
  put(number: number): void
  /** One that is seldom small. */
  putReal(number: number): void
  /** One that is `usual` most often. */
  putUsual(number: number, usual: number): void
  putFlag(flag: boolean): void
}

/** Where they are taken up in the same order. */
export interface NumberSource {
  take(): number
  takeReal(): number
  takeUsual(usual: number): number
  takeFlag(): boolean
}

/** Numbers that parts of a state lay down one after the other and take up again in the same order. */
export class NumberRow implements NumberSink, NumberSource {
  #numbers: Float64Array = new Float64Array(128)
  #length = 0
  #at = 0

  /** A row of these numbers, to be taken up from the first on. */
  static of(numbers: readonly number[]): NumberRow {
    const row = new NumberRow()
    for (const number of numbers) row.put(number)
    return row
  }

  /** All that there is room for; the first `length` of them count. */
  get numbers(): Float64Array {
    return this.#numbers
  }

  get length(): number {
    return this.#length
  }

  put(number: number): void {
    if (this.#length === this.#numbers.length) this.#grow()
    this.#numbers[this.#length++] = number
  }

  putReal(number: number): void {
    this.put(number)
  }

  putUsual(number: number, _usual: number): void {
    this.put(number)
  }

  putFlag(flag: boolean): void {
    this.put(flag ? 1 : 0)
  }

  /** The next one; 0 where there is none. */
  take(): number {
    return this.#at < this.#length ? this.#numbers[this.#at++]! : 0
  }

  takeReal(): number {
    return this.take()
  }

  takeUsual(_usual: number): number {
    return this.take()
  }

  takeFlag(): boolean {
    return this.take() === 1
  }

  /** The number so many places behind the next one; 0 where there is none. */
  ahead(places: number): number {
    const index = this.#at + places
    return index < this.#length ? this.#numbers[index]! : 0
  }

  clear(): void {
    this.#length = 0
    this.#at = 0
  }

  toArray(): number[] {
    // measured: a loop takes 0.1 µs for 25 numbers, `Array.from` 1.5 µs.
    const array: number[] = []
    for (let i = 0; i < this.#length; i++) array.push(this.#numbers[i]!)
    return array
  }

  #grow(): void {
    const bigger = new Float64Array(2 * this.#numbers.length)
    bigger.set(this.#numbers)
    this.#numbers = bigger
  }
}
