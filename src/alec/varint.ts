import { type Fault, faultOf, hexByte, truncated } from './fault.js'

// LEB128 of a u32, least significant group first: 7 bits a byte, the top bit says that more follow.
const maxLength = 5

/** How many bytes `value`, a u32, takes. */
export function varintLength(value: number): number {
  if (value < 2 ** 7) return 1
  if (value < 2 ** 14) return 2
  if (value < 2 ** 21) return 3
  return value < 2 ** 28 ? 4 : 5
}

/** Writes `value`, a u32, and returns the offset behind it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  let next = at
  while (rest >= 0x80) {
    bytes[next++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[next++] = rest
  return next
}

/** The offset behind the varint at `at`, or -1 where none can be read: `varintFault` then says why. */
export function varintEnd(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(at + maxLength, end)
  for (let next = at; next < limit; next++) {
    const byte = bytes[next]!
    // The fifth byte holds the top 4 bits of a u32.
    if (byte < 0x80) return next === at + 4 && byte > 0x0f ? -1 : next + 1
  }
  return -1
}

/** The value of a varint that `varintEnd` has accepted. */
export function varintAt(bytes: Uint8Array, at: number): number {
  let value = 0
  let unit = 1
  let next = at
  for (;;) {
    const byte = bytes[next++]!
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return value
    unit *= 128
  }
}

/** Why `varintEnd` refused. */
export function varintFault(what: string, bytes: Uint8Array, at: number, end: number): Fault {
  if (end - at < maxLength) return truncated(what, at, end - at + 1, end)
  const last = bytes[at + 4]!
  return faultOf(
    'invalid-varint',
    at + 4,
    last >= 0x80
      ? `${what} at offset ${at} is a varint of more than ${maxLength} bytes`
      : `${what} at offset ${at} is a varint above 32 bits: its fifth byte is ${hexByte(last)}, at most 0x0f was expected`,
  )
}
