import { describe, expect, it } from 'vitest'
import { putVarint, varintAt, varintEnd, varintFault, varintLength } from '../../src/alec/varint.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex } from '../support/vectors.js'
import { naiveVarint } from './naive-codec.js'
import { firstFailure } from './random.js'

describe('varint', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [4_294_967_295, 'ffffffff0f'],
  ])('writes %i as %s', (value, hex) => {
    const bytes = new Uint8Array(5)
    expect(putVarint(bytes, 0, value)).toBe(hex.length / 2)
    expect(toHex(bytes.subarray(0, hex.length / 2))).toBe(hex)
  })

  it.each([
    ['', 'truncated', 0],
    ['80', 'truncated', 1],
    ['ffffffff', 'truncated', 4],
    ['ffffffff10', 'invalid-varint', 4],
    ['ffffffff8000', 'invalid-varint', 4],
  ])('refuses %s', (hex, code, offset) => {
    const bytes = fromHex(hex)
    expect(varintEnd(bytes, 0, bytes.length)).toBe(-1)
    expect(varintFault('it', bytes, 0, bytes.length)).toMatchObject({ code, offset })
  })

  it('reads one that is longer than it has to be', () => {
    const bytes = fromHex('8180808000')
    expect(varintEnd(bytes, 0, 5)).toBe(5)
    expect(varintAt(bytes, 0)).toBe(1)
  })

  it(`writes what its twin writes and reads it back: seed ${testSeed}`, () => {
    const bytes = new Uint8Array(8)
    const failure = firstFailure(100_000, (random) => {
      const value = random.u32()
      const at = random.below(3)
      const end = putVarint(bytes, at, value)
      const hex = toHex(bytes.subarray(at, end))
      if (hex !== naiveVarint(value)) return `${value} was written as ${hex}`
      if (varintLength(value) !== end - at) return `${value}: length ${varintLength(value)}`
      if (varintEnd(bytes, at, end) !== end) return `${value}: end ${varintEnd(bytes, at, end)}`
      if (varintEnd(bytes, at, end - 1) !== -1) return `${value} was read although it was cut`
      return varintAt(bytes, at) === value
        ? undefined
        : `${value} was read as ${varintAt(bytes, at)}`
    })
    expect(failure).toBeUndefined()
  })
})
