import type { DiscardReason } from './discard.js'
import { indexOrEnd, type Unstuffer } from './unstuffer.js'

const end = 0xc0
const esc = 0xdb
const escapedEnd = 0xdc
const escapedEscape = 0xdd

/** SLIP (RFC 1055); END ends a frame, and may begin one too. */
export class SlipUnstuffer implements Unstuffer {
  readonly buffer: Uint8Array
  length = 0
  fault: DiscardReason | undefined
  #escaped = false

  constructor(maxFrame: number) {
    this.buffer = new Uint8Array(maxFrame)
  }

  take(chunk: Uint8Array, at: number): number {
    const { buffer } = this
    let { length } = this
    let escaped = this.#escaped
    let i = at
    for (; i < chunk.length; i++) {
      let byte = chunk[i]!
      if (byte === end) break
      if (escaped) {
        // The RFC leaves a wrongly escaped byte in; with a CRC it could only be dropped later.
        if (byte !== escapedEnd && byte !== escapedEscape) {
          this.fault = 'bad-stuffing'
          break
        }
        byte = byte === escapedEnd ? end : esc
        escaped = false
      } else if (byte === esc) {
        escaped = true
        continue
      }
      if (length === buffer.length) {
        this.fault = 'too-long'
        break
      }
      buffer[length++] = byte
    }
    this.length = length
    this.#escaped = escaped
    return i
  }

  faultAtEnd(): DiscardReason | undefined {
    return this.#escaped ? 'bad-stuffing' : undefined
  }

  skip(chunk: Uint8Array, at: number): number {
    return indexOrEnd(chunk, end, at)
  }

  reset(): void {
    this.length = 0
    this.fault = undefined
    this.#escaped = false
  }
}

/** Stuffs `bytes` between two ENDs; the first one cuts off noise that came before (RFC 1055). */
export function stuffSlip(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * bytes.length + 2)
  let length = 0
  out[length++] = end
  for (const byte of bytes) {
    if (byte === end || byte === esc) {
      out[length++] = esc
      out[length++] = byte === end ? escapedEnd : escapedEscape
    } else {
      out[length++] = byte
    }
  }
  out[length++] = end
  return out.subarray(0, length)
}
