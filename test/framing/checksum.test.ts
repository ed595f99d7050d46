import { describe, expect, it } from 'vitest'
import { checksumOf, readChecksum, writeChecksum } from '../../src/framing/checksum.js'
import { SlidingChecksum } from '../../src/framing/sliding-checksum.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { randomBytes, textBytes } from './line.js'
import { naiveCrc } from './naive.js'

const crcs = ['crc32', 'crc16'] as const
const checkInput = textBytes('123456789')

describe('the checksums of the line', () => {
  it('give the published check values', () => {
    const crc32 = checksumOf('crc32')
    const crc16 = checksumOf('crc16')
    expect(crc32.of(checkInput, crc32.empty)).toBe(0xcbf43926)
    expect(crc16.of(checkInput, crc16.empty)).toBe(0x29b1)
    expect(naiveCrc('crc32', [...checkInput])).toBe(0xcbf43926)
    expect(naiveCrc('crc16', [...checkInput])).toBe(0x29b1)
  })

  it.each(crcs)('%s goes on from any earlier result', (crc) => {
    const { of, empty } = checksumOf(crc)
    const whole = of(checkInput, empty)
    for (let split = 0; split <= checkInput.length; split++) {
      const head = of(checkInput.subarray(0, split), empty)
      expect(of(checkInput.subarray(split), head)).toBe(whole)
    }
  })

  it('CRC-32 goes on from a result that happens to be 0', () => {
    const crc32 = checksumOf('crc32')
    // The four bytes whose CRC-32 is 0.
    const nought = Uint8Array.of(0x9d, 0x0a, 0xd9, 0x6d)
    expect(crc32.of(nought, crc32.empty)).toBe(0)
    const expected = naiveCrc('crc32', [...nought, ...checkInput])
    expect(crc32.of(checkInput, 0)).toBe(naiveCrc('crc32', [...checkInput]))
    expect(crc32.of(checkInput, crc32.of(nought, crc32.empty))).toBe(expected)
  })

  it.each(crcs)('%s is written and read big-endian', (crc) => {
    const { size } = checksumOf(crc)
    const bytes = new Uint8Array(8)
    const value = crc === 'crc32' ? 0xcbf43926 : 0x29b1
    writeChecksum(bytes, size, 2, value)
    expect([...bytes.subarray(2, 2 + size)]).toEqual(
      crc === 'crc32' ? [0xcb, 0xf4, 0x39, 0x26] : [0x29, 0xb1],
    )
    expect(readChecksum(bytes, size, 2 + size)).toBe(value)
  })
})

describe('the sliding checksum', () => {
  it.each(crcs)('%s of every stretch is that of its bytes alone', (crc) => {
    const bytes = randomBytes(80, mulberry(testSeed))
    const sliding = new SlidingChecksum(crc, bytes.length, bytes.length)
    for (let start = 0; start < bytes.length; start++) {
      for (let end = start; end <= bytes.length; end++) {
        expect(sliding.of(bytes, start, end), `seed ${testSeed}, ${start} to ${end}`).toBe(
          naiveCrc(crc, [...bytes.subarray(start, end)]),
        )
      }
    }
  })

  it.each(crcs)('%s follows its buffer after a reset', (crc) => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const sliding = new SlidingChecksum(crc, bytes.length, bytes.length)
    sliding.of(bytes, 0, 4)
    bytes.fill(9)
    sliding.reset()
    expect(sliding.of(bytes, 1, 4)).toBe(naiveCrc(crc, [9, 9, 9]))
  })
})
