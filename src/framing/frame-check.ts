import { type Checksum, checksumOf, readChecksum } from './checksum.js'
import { frameOverhead, type LineFormat } from './line-format.js'

/** Receives a frame, which it owns, and the address before it, -1 where the line has none. */
export type OnFrame = (bytes: Uint8Array, address: number) => void

/**
 * Whether a frame would be turned away whatever it says: by its first byte, its length and the address before it. True
 * where it has been counted as that; nothing more is done with it, so that nobody knows whether its CRC agrees.
 */
export type Refuses = (marker: number, length: number, address: number) => boolean

/** Opens what was cut from the line, [address] · frame · CRC, and delivers it if the CRC agrees. */
export class FrameCheck {
  /** Bytes of the shortest thing that can hold a frame. */
  readonly shortest: number
  readonly #checksum: Checksum
  readonly #addressed: boolean
  readonly #onFrame: OnFrame
  readonly #refuses: Refuses | undefined
  readonly #address = new Uint8Array(1)

  constructor(format: LineFormat, onFrame: OnFrame, refuses?: Refuses) {
    this.shortest = frameOverhead(format) + 1
    this.#checksum = checksumOf(format.crc)
    this.#addressed = format.address === 'byte'
    this.#onFrame = onFrame
    this.#refuses = refuses
  }

  /** Whether nobody wants what would be delivered (`Refuses`); only where `bytes` are sure to be what was cut. */
  refuses(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#refuses === undefined) return false
    const from = this.#addressed ? start + 1 : start
    const length = end - from - this.#checksum.size
    return this.#refuses(bytes[from]!, length, this.#addressed ? bytes[start]! : -1)
  }

  /** Delivers `bytes` from `start` to `end`, at least `shortest` of them, if their CRC agrees. */
  deliver(bytes: Uint8Array, start: number, end: number): boolean {
    const { size, empty } = this.#checksum
    let previous = empty
    let address = -1
    let from = start
    if (this.#addressed) {
      address = bytes[from++]!
      this.#address[0] = address
      previous = this.#checksum.of(this.#address, empty)
    }
    // The receiver's copy is what gets checked.
    // measured: a view to check, and the copy after it, cost 16 ns more.
    const frame = bytes.slice(from, end - size)
    if (this.#checksum.of(frame, previous) !== readChecksum(bytes, size, end)) return false
    this.#onFrame(frame, address)
    return true
  }
}
