import { crcSize, readChecksum } from './checksum.js'
import type { Cutter, FlushReason } from './cutter.js'
import type { DiscardReason, Tally } from './discard.js'
import type { FrameCheck } from './frame-check.js'
import { SlidingChecksum } from './sliding-checksum.js'

// The u16 before a frame.
const header = 2

/**
 * Cuts a stream of frames that each begin with their length. After damage it drops one byte after the
 * other until length and CRC agree again; no frame is lost inside a false one.
 */
export class LengthCutter implements Cutter {
  readonly #check: FrameCheck
  readonly #tally: Tally
  readonly #longest: number
  readonly #crcSize: number
  readonly #sliding: SlidingChecksum
  // Undecided bytes, from #start to #end. Twice the longest frame, so that moving them to the front is rare.
  readonly #held: Uint8Array
  #start = 0
  #end = 0
  // Why bytes are being dropped; undefined while frame follows frame.
  #cause: DiscardReason | undefined = 'syncing'

  constructor(crc: 'crc32' | 'crc16', longest: number, check: FrameCheck, tally: Tally) {
    this.#check = check
    this.#tally = tally
    this.#longest = longest
    this.#crcSize = crcSize(crc)
    this.#held = new Uint8Array(2 * (header + longest))
    this.#sliding = new SlidingChecksum(crc, this.#held.length, longest)
  }

  get pending(): number {
    return this.#end - this.#start
  }

  get syncing(): boolean {
    return this.#cause === 'syncing'
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.pending === 0) at = this.#takeWhole(chunk, at)
      const size = Math.min(this.#missing(), chunk.length - at)
      this.#hold(chunk, at, at + size)
      at += size
      this.#settle()
    }
  }

  flush(reason: FlushReason): void {
    // Whole frames may lie behind a length that promised more than came.
    while (this.pending > 0) {
      this.#dropFirst('incomplete')
      this.#settle()
    }
    // Behind a gap a frame begins, unless none was ever seen or others may have begun meanwhile.
    if (reason === 'closed') this.#cause = 'syncing'
    else if (this.#cause !== 'syncing') this.#cause = undefined
  }

  /** Delivers frames that lie whole in the chunk; returns the index of the first byte that needs a closer look. */
  #takeWhole(chunk: Uint8Array, from: number): number {
    let at = from
    while (chunk.length - at >= header) {
      const length = (chunk[at]! << 8) | chunk[at + 1]!
      const next = at + header + length
      if (this.#lengthFault(length) !== undefined || next > chunk.length) break
      if (!this.#check.deliver(chunk, at + header, next)) break
      this.#countFrame(next - at)
      at = next
    }
    return at
  }

  /** Delivers or drops from the front until more bytes are needed. */
  #settle(): void {
    while (this.pending >= header && this.#missing() === 0) {
      const start = this.#start + header
      const length = this.#length()
      const fault = this.#lengthFault(length)
      if (fault !== undefined) this.#dropFirst(fault)
      else if (this.#agrees(start, start + length)) {
        // Checks once more, which for a frame that agrees is cheap.
        this.#check.deliver(this.#held, start, start + length)
        this.#start += header + length
        this.#countFrame(header + length)
      } else this.#dropFirst('crc')
    }
    if (this.pending === 0) this.#moveToFront()
  }

  /** Bytes to come before the front can be decided on. */
  #missing(): number {
    if (this.pending < header) return header - this.pending
    const length = this.#length()
    if (this.#lengthFault(length) !== undefined) return 0
    return Math.max(0, header + length - this.pending)
  }

  #length(): number {
    return (this.#held[this.#start]! << 8) | this.#held[this.#start + 1]!
  }

  #lengthFault(length: number): DiscardReason | undefined {
    if (length > this.#longest) return 'too-long'
    return length < this.#check.shortest ? 'too-short' : undefined
  }

  #agrees(start: number, end: number): boolean {
    const covered = end - this.#crcSize
    const expected = readChecksum(this.#held, this.#crcSize, end)
    return this.#sliding.of(this.#held, start, covered) === expected
  }

  #countFrame(wireBytes: number): void {
    this.#cause = undefined
    this.#tally.framesOut++
    this.#tally.bytesInFrames += wireBytes
  }

  #dropFirst(reason: DiscardReason): void {
    if (this.#cause === undefined) {
      this.#cause = reason
      this.#tally.discardedFrames[reason]++
    }
    this.#tally.discardedBytes[this.#cause]++
    this.#start++
  }

  #hold(chunk: Uint8Array, from: number, to: number): void {
    if (this.#end + to - from > this.#held.length) this.#moveToFront()
    for (let at = from; at < to; at++) this.#held[this.#end++] = chunk[at]!
  }

  #moveToFront(): void {
    this.#held.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    this.#sliding.reset()
  }
}
