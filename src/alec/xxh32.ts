const PRIME1 = 0x9e3779b1 | 0
const PRIME2 = 0x85ebca77 | 0
const PRIME3 = 0xc2b2ae3d | 0
const PRIME4 = 0x27d4eb2f | 0
const PRIME5 = 0x165667b1 | 0

/** xxHash32, seed 0, of the bytes before `end`, unsigned: the checksum of a standard frame. */
// measured: 16 ns for 12 bytes, 60 ns for 127; through WebAssembly 44 and 59 ns, and a view for the bytes before a
// checksum on top.
export function xxh32(bytes: Uint8Array, end = bytes.length): number {
  let at = 0
  let hash = PRIME5
  if (end >= 16) {
    let one = (PRIME1 + PRIME2) | 0
    let two = PRIME2
    let three = 0
    let four = -PRIME1 | 0
    for (const last = end - 16; at <= last; at += 16) {
      one = round(one, laneAt(bytes, at))
      two = round(two, laneAt(bytes, at + 4))
      three = round(three, laneAt(bytes, at + 8))
      four = round(four, laneAt(bytes, at + 12))
    }
    hash = rotated(one, 1) + rotated(two, 7) + rotated(three, 12) + rotated(four, 18)
  }
  hash = (hash + end) | 0
  for (; at + 4 <= end; at += 4) {
    const mixed = (hash + Math.imul(laneAt(bytes, at), PRIME3)) | 0
    hash = Math.imul(rotated(mixed, 17), PRIME4)
  }
  for (; at < end; at++) {
    hash = Math.imul(rotated((hash + Math.imul(bytes[at]!, PRIME5)) | 0, 11), PRIME1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3)
  return (hash ^ (hash >>> 16)) >>> 0
}

const rotated = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits))

const round = (sum: number, lane: number): number =>
  Math.imul(rotated((sum + Math.imul(lane, PRIME2)) | 0, 13), PRIME1)

const laneAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
