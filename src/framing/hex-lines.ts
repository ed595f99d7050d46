import type { DiscardReason } from './discard.js'
import type { Unstuffer } from './unstuffer.js'

const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const digits = '0123456789ABCDEF'

const notHex = 255
const digitValues = new Uint8Array(256).fill(notHex)
for (const [value, digit] of [...digits].entries()) {
  digitValues[digit.charCodeAt(0)] = value
  digitValues[digit.toLowerCase().charCodeAt(0)] = value
}

// Room for a separator of two characters behind every byte: blanks must not make a line endless.
const blanksPerByte = 2

/** Lines of hexadecimal digits in pairs, blanks allowed between the pairs; CR, LF or both end a line. */
export class HexUnstuffer implements Unstuffer {
  readonly buffer: Uint8Array
  length = 0
  fault: DiscardReason | undefined
  #blanks = 0
  // The first digit of an unfinished pair, or -1.
  #high = -1

  constructor(maxFrame: number) {
    this.buffer = new Uint8Array(maxFrame)
  }

  take(chunk: Uint8Array, at: number): number {
    const { buffer } = this
    let { length } = this
    let high = this.#high
    let i = at
    for (; i < chunk.length; i++) {
      const byte = chunk[i]!
      const value = digitValues[byte]!
      if (value === notHex) {
        if (isLineEnd(byte)) break
        this.fault = this.#faultOfNonDigit(byte, high)
        if (this.fault !== undefined) break
      } else if (high < 0) {
        high = value
      } else if (length === buffer.length) {
        this.fault = 'too-long'
        break
      } else {
        buffer[length++] = (high << 4) | value
        high = -1
      }
    }
    this.length = length
    this.#high = high
    return i
  }

  #faultOfNonDigit(byte: number, high: number): DiscardReason | undefined {
    // A blank inside a pair is what printing bytes without leading zeros gives: not to be guessed at.
    if (high >= 0 || (byte !== space && byte !== tab)) return 'not-hex'
    this.#blanks++
    return this.#blanks > blanksPerByte * this.buffer.length ? 'too-long' : undefined
  }

  faultAtEnd(): DiscardReason | undefined {
    return this.#high < 0 ? undefined : 'not-hex'
  }

  skip(chunk: Uint8Array, at: number): number {
    let i = at
    while (i < chunk.length && !isLineEnd(chunk[i]!)) i++
    return i
  }

  reset(): void {
    this.length = 0
    this.fault = undefined
    this.#blanks = 0
    this.#high = -1
  }
}

const isLineEnd = (byte: number): boolean => byte === lineFeed || byte === carriageReturn

/** Writes `bytes` as one line of hexadecimal digits, ended by LF. */
export function printHexLine(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * bytes.length + 1)
  let length = 0
  for (const byte of bytes) {
    out[length++] = digits.charCodeAt(byte >> 4)
    out[length++] = digits.charCodeAt(byte & 15)
  }
  out[length] = lineFeed
  return out
}
