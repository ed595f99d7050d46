import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GuardFault, PacketGuard } from '../../src/transport/packet-guard.js'

const limits = { beforeConnect: 100, afterConnect: 1000 }

/** A packet of this type with this many bytes after its fixed header. */
function packet(type: number, length: number): Uint8Array {
  const header = [type]
  let rest = length
  do {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  const bytes = new Uint8Array(header.length + length).fill(0xff)
  bytes.set(header)
  return bytes
}

const connect = packet(0x10, 20)
const publish = (length: number) => packet(0x30, length)
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

function checkInPieces(
  guard: PacketGuard,
  bytes: Uint8Array,
  size: number,
): GuardFault | undefined {
  for (let offset = 0; offset < bytes.length; offset += size) {
    const fault = guard.check(bytes.subarray(offset, offset + size))
    if (fault) return fault
  }
  return undefined
}

describe.each([1, 2, 3, 10_000])('read in pieces of %i bytes, the guard', (size) => {
  it.each<[string, Uint8Array, GuardFault | undefined]>([
    ['lets a small CONNECT through', connect, undefined],
    ['refuses a first packet that is no CONNECT', publish(1), 'not-connect'],
    ['refuses a long CONNECT', packet(0x10, 101), 'packet-too-large'],
    ['refuses a long packet behind the CONNECT', join(connect, publish(101)), 'packet-too-large'],
    ['lets empty packets through', join(connect, packet(0xc0, 0), packet(0xe0, 0)), undefined],
    [
      'refuses a length of five bytes',
      Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80, 0x01),
      'malformed-length',
    ],
    [
      'refuses 256 MB by their header',
      Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f),
      'packet-too-large',
    ],
  ])('%s', (_, bytes, fault) => {
    expect(checkInPieces(new PacketGuard(limits), bytes, size)).toBe(fault)
  })

  it('allows longer packets once the CONNECT is accepted, up to the next limit', () => {
    const guard = new PacketGuard(limits)
    expect(checkInPieces(guard, connect, size)).toBeUndefined()
    guard.accepted()
    expect(checkInPieces(guard, join(publish(1000), publish(3)), size)).toBeUndefined()
    expect(checkInPieces(guard, publish(1001), size)).toBe('packet-too-large')
  })
})

describe('the guard', () => {
  it('refuses a packet stream exactly where one of its lengths is over the limit, however it is cut', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 130 }), { maxLength: 12 })
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 40 }), (list, size) => {
        const bytes = join(connect, ...list.map(publish))
        const fault = checkInPieces(new PacketGuard(limits), bytes, size)
        expect(fault).toBe(list.some((length) => length > 100) ? 'packet-too-large' : undefined)
      }),
    )
  })
})
