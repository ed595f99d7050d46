import type { NumberSink, NumberSource } from '../alec/index.js'

// A number as bytes: 0 … 246 is itself; else one of these says what follows it.
const MOST_BYTE = 246
const MINUS_ONE = 247
const MINUS_INFINITY = 248
const INFINITY = 249
/** The double that was put before, once more. */
const AS_BEFORE = 250
/** 16 bits, unsigned. */
const SHORT = 251
/** 32 bits, signed. */
const WORD = 252
/** 64 bits. */
const DOUBLE = 253
/** Behind the last number: what was put as it is. */
const END = 254

/** A number takes so many bytes at most. */
const MOST_BYTES = 9
const FIRST_NUMBERS = 256
const FIRST_RAW_BYTES = 1024
/** It is copied in multiples of so many bytes. */
export const COPIED = 32
const COPIED_WORDS = COPIED / 4
/** So many flags are in one number, which is a byte. */
const FLAGS = 7

/**
 * Numbers that are put down one after the other and taken up again in the same order, in as few bytes as that takes:
 * most of what is known of a device is small.
 *
 * measured: what is known of a device of four channels is put down and taken up in 1.2 µs. Written into its bytes number by
 * number it took 1.5: what does that is too large to become a part of its callers, and each double is an object on its way.
 */
export class PackedNumbers implements NumberSink, NumberSource {
  #numbers = new Float64Array(FIRST_NUMBERS)
  #count = 0
  #at = 0
  /** Flags that share a number: where that is, they, and how many have been put into it or taken from it. */
  #flagsAt = 0
  #bits = 0
  #flags = 0
  /** What is put as it is, whatever it is. */
  #raw: DataView = new DataView(new ArrayBuffer(FIRST_RAW_BYTES))
  #rawLength = 0
  /** All of it as it was packed last. */
  #bytes = new Uint8Array(FIRST_NUMBERS * MOST_BYTES)
  #view: DataView = new DataView(this.#bytes.buffer)
  #words = new Int32Array(this.#bytes.buffer)
  /** Its first so many times `COPIED` bytes. */
  readonly #views: (Int32Array | undefined)[] = []
  #length = 0
  /** Where what was put as it is is taken from. */
  #source = this.#view
  #sourceAt = 0

  put(number: number): void {
    if (this.#count === this.#numbers.length) this.#grow()
    this.#numbers[this.#count++] = number
  }

  putFlag(flag: boolean): void {
    if (this.#flags === 0) this.#flagsAt = this.reserve()
    if (flag) this.#bits |= 1 << this.#flags
    this.#flags++
    if (this.#flags === FLAGS) this.#endFlags()
  }

  /** In a flag where it is `usual`, which whoever takes it has to know. */
  putUsual(number: number, usual: number): void {
    this.putFlag(number === usual)
    if (number !== usual) this.put(number)
  }

  /** What is seldom small, nor as the one before. */
  putReal(number: number): void {
    if (this.#rawLength + 8 > this.#raw.byteLength) this.#growRaw(8)
    this.#raw.setFloat64(this.#rawLength, number, true)
    this.#rawLength += 8
  }

  /** The first of these 32 bits each: for what is seldom small. */
  putWords(words: Uint32Array, count = words.length): void {
    if (this.#rawLength + 4 * count > this.#raw.byteLength) this.#growRaw(4 * count)
    const raw = this.#raw
    let at = this.#rawLength
    for (let i = 0; i < count; i++, at += 4) raw.setUint32(at, words[i]!, true)
    this.#rawLength = at
  }

  /** The next one; whatever it is where nothing was put there. */
  take(): number {
    return this.#numbers[this.#at++]!
  }

  takeFlag(): boolean {
    if (this.#flags === 0) this.#bits = this.take() | 0
    const flag = (this.#bits >> this.#flags) & 1
    this.#flags = this.#flags === FLAGS - 1 ? 0 : this.#flags + 1
    return flag === 1
  }

  takeUsual(usual: number): number {
    return this.takeFlag() ? usual : this.take()
  }

  takeReal(): number {
    const at = this.#sourceAt
    this.#sourceAt = at + 8
    return this.#source.getFloat64(at, true)
  }

  takeWords(words: Uint32Array, count = words.length): void {
    const source = this.#source
    let at = this.#sourceAt
    for (let i = 0; i < count; i++, at += 4) words[i] = source.getUint32(at, true)
    this.#sourceAt = at
  }

  /** Room for one number, which `set` fills; returns where. */
  reserve(): number {
    this.put(0)
    return this.#count - 1
  }

  set(at: number, number: number): void {
    this.#numbers[at] = number
  }

  clear(): void {
    this.#count = 0
    this.#at = 0
    this.#bits = 0
    this.#flags = 0
    this.#rawLength = 0
  }

  /** Makes bytes of all that was put; returns how many. */
  pack(): number {
    if (this.#flags > 0) this.#endFlags()
    const most = this.#count * MOST_BYTES + 1 + this.#rawLength
    if (most > this.#bytes.length) this.#growBytes(most)
    this.#length = this.#packRaw(this.#packNumbers())
    return this.#length
  }

  /** Copies what `pack` has made, and what is behind it up to a multiple of `COPIED` bytes. */
  copyTo(words: Int32Array, first: number): void {
    // measured: to make such a view takes three times as long as to copy what is in it, and a loop twice.
    const size = Math.ceil(this.#length / COPIED)
    const view = this.#views[size] ?? this.#words.subarray(0, size * COPIED_WORDS)
    this.#views[size] = view
    words.set(view, first)
  }

  /** What `pack` has made. */
  copy(): Int32Array {
    return this.#words.slice(0, (this.#length + 3) >> 2)
  }

  /** What `copyTo` gave, from this byte on, instead of what was put; it must stay as it is until all is taken. */
  unpack({ bytes, view }: Packed, from: number): void {
    this.clear()
    this.#source = view
    this.#sourceAt = this.#unpackNumbers(bytes, view, from)
  }

  /** Returns where they end. */
  #packNumbers(): number {
    const numbers = this.#numbers
    const count = this.#count
    const bytes = this.#bytes
    const view = this.#view
    let before = Number.NaN
    let at = 0
    for (let i = 0; i < count; i++) {
      const number = numbers[i]!
      const whole = number | 0
      if (whole !== number || Object.is(number, -0)) {
        if (number === before) bytes[at++] = AS_BEFORE
        else if (number === Number.NEGATIVE_INFINITY) bytes[at++] = MINUS_INFINITY
        else if (number === Number.POSITIVE_INFINITY) bytes[at++] = INFINITY
        else {
          before = number
          bytes[at] = DOUBLE
          view.setFloat64(at + 1, number, true)
          at += 9
        }
      } else if ((whole & 255) === whole && whole <= MOST_BYTE) bytes[at++] = whole
      else if ((whole & 65_535) === whole) {
        bytes[at] = SHORT
        view.setUint16(at + 1, whole, true)
        at += 3
      } else if (whole === -1) bytes[at++] = MINUS_ONE
      else {
        bytes[at] = WORD
        view.setInt32(at + 1, whole, true)
        at += 5
      }
    }
    bytes[at] = END
    return at + 1
  }

  #packRaw(from: number): number {
    const raw = this.#raw
    const view = this.#view
    const length = this.#rawLength
    for (let i = 0; i < length; i += 4) view.setUint32(from + i, raw.getUint32(i, true), true)
    return from + length
  }

  /** Returns where they end. */
  #unpackNumbers(bytes: Uint8Array, view: DataView, from: number): number {
    let count = 0
    let before = Number.NaN
    let at = from
    for (;;) {
      if (count === this.#numbers.length) this.#grow()
      const numbers = this.#numbers
      const byte = bytes[at++]!
      if (byte <= MOST_BYTE) numbers[count++] = byte
      else if (byte === DOUBLE) {
        before = view.getFloat64(at, true)
        numbers[count++] = before
        at += 8
      } else if (byte === SHORT) {
        numbers[count++] = view.getUint16(at, true)
        at += 2
      } else if (byte === WORD) {
        numbers[count++] = view.getInt32(at, true)
        at += 4
      } else if (byte === AS_BEFORE) numbers[count++] = before
      else if (byte === MINUS_ONE) numbers[count++] = -1
      else if (byte === MINUS_INFINITY) numbers[count++] = Number.NEGATIVE_INFINITY
      else if (byte === INFINITY) numbers[count++] = Number.POSITIVE_INFINITY
      else return at
    }
  }

  #endFlags(): void {
    this.#numbers[this.#flagsAt] = this.#bits
    this.#bits = 0
    this.#flags = 0
  }

  #grow(): void {
    const bigger = new Float64Array(2 * this.#numbers.length)
    bigger.set(this.#numbers)
    this.#numbers = bigger
  }

  #growRaw(by: number): void {
    const bigger = new Uint8Array(2 * (this.#raw.byteLength + by))
    bigger.set(new Uint8Array(this.#raw.buffer))
    this.#raw = new DataView(bigger.buffer)
  }

  #growBytes(most: number): void {
    this.#bytes = new Uint8Array(Math.ceil((2 * most) / COPIED) * COPIED)
    this.#view = new DataView(this.#bytes.buffer)
    this.#words = new Int32Array(this.#bytes.buffer)
    this.#views.length = 0
  }
}

/** Views of what packed numbers are read from. */
export interface Packed {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function packedIn(words: Int32Array): Packed {
  const { buffer, byteOffset, byteLength } = words
  return {
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
  }
}
