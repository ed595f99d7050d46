const utf8 = new TextEncoder()

/** Writes the fields of a file or message one after the other; the mirror of `ByteReader`. */
export class ByteWriter {
  readonly #little: boolean
  #bytes = new Uint8Array(64)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  constructor(order: 'big' | 'little') {
    this.#little = order === 'little'
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    const at = this.#take(1)
    this.#view.setUint8(at, value)
  }

  u16(value: number): void {
    const at = this.#take(2)
    this.#view.setUint16(at, value, this.#little)
  }

  u32(value: number): void {
    const at = this.#take(4)
    this.#view.setUint32(at, value, this.#little)
  }

  /** A u64 from a safe integer. */
  count(value: number): void {
    this.u64(BigInt(value))
  }

  u64(value: bigint): void {
    const at = this.#take(8)
    this.#view.setBigUint64(at, value, this.#little)
  }

  f64(value: number): void {
    const at = this.#take(8)
    this.#view.setFloat64(at, value, this.#little)
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#take(bytes.length)
    this.#bytes.set(bytes, at)
  }

  /** UTF-8 behind its length in a u8; too long a text is a mistake of the caller. */
  shortText(text: string): void {
    this.shortBytes(utf8.encode(text))
  }

  /** At most 255 bytes behind their length in a u8. */
  shortBytes(bytes: Uint8Array): void {
    if (bytes.length > 255) throw new RangeError(`${bytes.length} bytes; at most 255 fit here`)
    this.u8(bytes.length)
    this.bytes(bytes)
  }

  /** What was written; the caller owns it. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Makes room, which may replace the view: take first, then write. */
  #take(size: number): number {
    const at = this.#length
    const needed = at + size
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = needed
    return at
  }
}
