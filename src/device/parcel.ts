import { type ChannelEstimate, NumberRow } from '../alec/index.js'
import { PackedNumbers } from './packed-numbers.js'

/** So many different words are kept as numbers; more of them are no words. */
const MOST_WORDS = 4096

/** Texts that come again and again, by number: names of doors, causes, the messages of most losses. */
export class Words {
  readonly #texts: string[] = ['']
  readonly #numbers = new Map<string, number>([['', 0]])
  /** What was asked for last: most often it is the same. */
  #text = ''
  #number = 0

  /** Undefined where there is no room for one more. */
  numberOf(text: string): number | undefined {
    if (text === this.#text) return this.#number
    const number = this.#look(text)
    if (number !== undefined) {
      this.#text = text
      this.#number = number
    }
    return number
  }

  textOf(number: number): string {
    return this.#texts[number] ?? ''
  }

  #look(text: string): number | undefined {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    if (this.#texts.length >= MOST_WORDS) return undefined
    this.#numbers.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }
}

/**
 * What a device's parts lay down one after the other while nobody works on it, and take up again in the same order:
 * numbers, and beside them the few things that are none.
 */
export class Parcel extends PackedNumbers {
  /** Texts and objects, in their order; most devices have none. */
  readonly aside: unknown[] = []
  readonly #words: Words
  /** What an estimate needs that is not exact: it looks ahead. */
  readonly #row = new NumberRow()
  #asideAt = 0

  /** Who unpacks has to have the same words. */
  constructor(words = new Words()) {
    super()
    this.#words = words
  }

  /** 0 and 1, 32 of them in a number. */
  putBits(bits: Uint8Array): void {
    for (let from = 0; from < bits.length; from += 32) {
      let word = 0
      const end = Math.min(from + 32, bits.length)
      for (let i = from; i < end; i++) if (bits[i] === 1) word |= 1 << (i - from)
      this.put(word)
    }
  }

  takeBits(bits: Uint8Array): void {
    for (let from = 0; from < bits.length; from += 32) {
      const word = this.take()
      const end = Math.min(from + 32, bits.length)
      for (let i = from; i < end; i++) bits[i] = (word >>> (i - from)) & 1
    }
  }

  /** Its length first. */
  putList(numbers: readonly number[]): void {
    this.put(numbers.length)
    for (const number of numbers) this.put(number)
  }

  takeList(): number[] {
    const numbers: number[] = []
    for (let left = this.take(); left > 0; left--) numbers.push(this.take())
    return numbers
  }

  /** Anything that is no number; `undefined` takes no room beside the numbers. */
  putAside(value: unknown): void {
    this.putFlag(value !== undefined)
    if (value !== undefined) this.aside.push(value)
  }

  /** What `putAside` was given; who lays it down knows what it is. */
  takeAside<T>(): T | undefined {
    return this.takeFlag() ? (this.aside[this.#asideAt++] as T) : undefined
  }

  /** All that an estimate knows: how many numbers that is comes first, 0 where all is known to the bit. */
  putEstimate(estimate: ChannelEstimate): void {
    const at = this.reserve()
    if (estimate.packExact(this)) return
    const row = this.#row
    row.clear()
    estimate.pack(row)
    this.set(at, row.length)
    for (let i = 0; i < row.length; i++) this.put(row.numbers[i]!)
  }

  takeEstimate(estimate: ChannelEstimate): void {
    const length = this.take()
    if (length === 0) {
      estimate.unpackExact(this)
      return
    }
    const row = this.#row
    row.clear()
    for (let left = length; left > 0; left--) row.put(this.take())
    estimate.unpack(row, length)
  }

  putText(text: string): void {
    const number = this.#words.numberOf(text)
    this.put(number ?? -1)
    if (number === undefined) this.aside.push(text)
  }

  takeText(): string {
    const number = this.take()
    return number < 0 ? (this.aside[this.#asideAt++] as string) : this.#words.textOf(number)
  }

  override clear(): void {
    super.clear()
    if (this.aside.length > 0) this.aside.length = 0
    this.#asideAt = 0
  }
}
