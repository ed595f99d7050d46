import { type Fault, faultOf, truncated } from './fault.js'

// A byte order mark is part of the text, or it would be lost when the text is written again.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const noBytes = new Uint8Array(0)

/**
 * Reads the fields of a file or message one after the other. The first trouble stays in `fault`; every read
 * after it gives 0 or nothing, so a caller reads on and asks once, and in its loops as their condition.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  readonly #little: boolean
  #at: number
  #fault: Fault | undefined

  /** Reads `bytes` from `start` up to `end`. */
  constructor(bytes: Uint8Array, order: 'big' | 'little', start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#little = order === 'little'
    this.#at = start
    this.#end = end
  }

  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#end - this.#at
  }

  u8(what: string): number {
    const at = this.#take(what, 1)
    return at < 0 ? 0 : this.#view.getUint8(at)
  }

  u16(what: string): number {
    const at = this.#take(what, 2)
    return at < 0 ? 0 : this.#view.getUint16(at, this.#little)
  }

  u32(what: string): number {
    const at = this.#take(what, 4)
    return at < 0 ? 0 : this.#view.getUint32(at, this.#little)
  }

  u64(what: string): bigint {
    const at = this.#take(what, 8)
    return at < 0 ? 0n : this.#view.getBigUint64(at, this.#little)
  }

  /** A u64 as a safe integer; a larger one is a fault. */
  count(what: string): number {
    const at = this.#at
    const value = Number(this.u64(what))
    if (Number.isSafeInteger(value)) return value
    this.refuse(faultOf('invalid-number', at, `${what} is ${value}; at most 2^53 - 1 was expected`))
    return 0
  }

  f64(what: string): number {
    const at = this.#take(what, 8)
    return at < 0 ? 0 : this.#view.getFloat64(at, this.#little)
  }

  /** A copy; the caller owns it. */
  bytes(what: string, length: number): Uint8Array {
    const at = this.#take(what, length)
    return at < 0 ? noBytes : this.#bytes.slice(at, at + length)
  }

  text(what: string, length: number): string {
    const at = this.#take(what, length)
    if (at < 0) return ''
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length))
    } catch {
      this.refuse(faultOf('invalid-text', at, `${what} is not UTF-8`))
      return ''
    }
  }

  shortText(what: string): string {
    return this.text(what, this.u8(`the length of ${what}`))
  }

  shortBytes(what: string): Uint8Array {
    return this.bytes(what, this.u8(`the length of ${what}`))
  }

  /** Makes `fault` the reader's, unless it has one. */
  refuse(fault: Fault): void {
    this.#fault ??= fault
  }

  #take(what: string, size: number): number {
    if (this.#fault) return -1
    const at = this.#at
    if (size > this.#end - at) {
      this.#fault = truncated(what, at, size, this.#end)
      return -1
    }
    this.#at += size
    return at
  }
}
