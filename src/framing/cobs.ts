import type { DiscardReason } from './discard.js'
import { indexOrEnd, type Unstuffer } from './unstuffer.js'

const delimiter = 0
// A block of 254 bytes that no zero follows.
const fullBlock = 0xff

/** Consistent overhead byte stuffing (Cheshire and Baker, 1999); a zero ends a frame. */
export class CobsUnstuffer implements Unstuffer {
  readonly buffer: Uint8Array
  length = 0
  fault: DiscardReason | undefined
  // Bytes until the next code byte.
  #left = 0
  // Whether the block before the next code byte stands for a zero too.
  #zeroDue = false

  constructor(maxFrame: number) {
    this.buffer = new Uint8Array(maxFrame)
  }

  take(chunk: Uint8Array, at: number): number {
    const { buffer } = this
    let { length } = this
    let left = this.#left
    let zeroDue = this.#zeroDue
    let i = at
    while (i < chunk.length) {
      const byte = chunk[i]!
      if (byte === delimiter) break
      if (length === buffer.length && (left > 0 || zeroDue)) {
        this.fault = 'too-long'
        break
      }
      if (left === 0) {
        if (zeroDue) buffer[length++] = 0
        left = byte - 1
        zeroDue = byte !== fullBlock
        i++
      }
      // measured: block by block; looking at every byte for what it is costs a quarter more.
      const start = i
      const end = Math.min(i + left, i + buffer.length - length, chunk.length)
      for (; i < end; i++) {
        const next = chunk[i]!
        if (next === delimiter) break
        buffer[length++] = next
      }
      left -= i - start
    }
    this.length = length
    this.#left = left
    this.#zeroDue = zeroDue
    return i
  }

  faultAtEnd(): DiscardReason | undefined {
    return this.#left > 0 ? 'bad-stuffing' : undefined
  }

  skip(chunk: Uint8Array, at: number): number {
    return indexOrEnd(chunk, delimiter, at)
  }

  reset(): void {
    this.length = 0
    this.fault = undefined
    this.#left = 0
    this.#zeroDue = false
  }
}

/** Stuffs `bytes` and ends them with the delimiter. */
export function stuffCobs(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.floor(bytes.length / 254) + 2)
  let codeAt = 0
  let length = 1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte !== 0) out[length++] = byte
    const size = length - codeAt
    if (byte === 0 || (size === fullBlock && i < bytes.length - 1)) {
      out[codeAt] = size
      codeAt = length++
    }
  }
  out[codeAt] = length - codeAt
  out[length++] = delimiter
  return out.subarray(0, length)
}
