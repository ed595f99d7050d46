import { describe, expect, it } from 'vitest'
import {
  contextFromPreload,
  crc32,
  encodePreload,
  type Preload,
  parsePreload,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex } from '../support/vectors.js'
import { naivePreload } from './naive-files.js'
import { damaged, firstFailure, type Random } from './random.js'

const numbers = (random: Random) => Array.from({ length: random.below(4) }, () => random.f64())

const randomPreload = (random: Random): Preload => ({
  contextVersion: random.u32(),
  // At most 8 letters of at most 4 bytes.
  sensorType: random.text(9),
  createdAt: random.count(),
  trainingSamples: random.count(),
  entries: Array.from({ length: random.below(4) }, () => ({
    bytes: random.bytes(random.below(9)),
    code: random.below(0x1_0000),
    frequency: random.u32(),
  })),
  statistics: {
    mean: random.f64(),
    variance: random.f64(),
    minObserved: random.f64(),
    maxObserved: random.f64(),
    minExpected: random.f64(),
    maxExpected: random.f64(),
    samples: numbers(random),
  },
  model: { type: random.below(256), coefficients: numbers(random), period: random.u32() },
})

/** Puts the right CRC into damaged bytes, or nothing behind it would ever be looked at. */
function sealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 66) return bytes
  const others = new Uint8Array(bytes.length - 4)
  others.set(bytes.subarray(0, 62))
  others.set(bytes.subarray(66), 62)
  new DataView(bytes.buffer).setUint32(62, crc32(others), true)
  return bytes
}

const sample: Preload = {
  contextVersion: 5,
  sensorType: 'em500-co2',
  createdAt: 1_700_000_000,
  trainingSamples: 10,
  entries: [
    { bytes: fromHex('4035800000000000'), code: 0, frequency: 3 },
    { bytes: fromHex('0102'), code: 4, frequency: 9 },
  ],
  statistics: {
    mean: 1,
    variance: 2,
    minObserved: 3,
    maxObserved: 4,
    minExpected: 5,
    maxExpected: 6,
    samples: [7],
  },
  model: { type: 1, coefficients: [0.5], period: 24 },
}

describe('preload files', () => {
  it(`are written as their twin writes them and read back: seed ${testSeed}`, () => {
    const failure = firstFailure(10_000, (random) => {
      const preload = randomPreload(random)
      const bytes = encodePreload(preload)
      if (toHex(bytes) !== naivePreload(preload))
        return `${toHex(bytes)} is not what its twin writes`
      const result = parsePreload(bytes)
      if (!result.ok) return `${toHex(bytes)}: ${result.fault.message}`
      const again = toHex(encodePreload(result.value))
      return again === toHex(bytes) ? undefined : `${toHex(bytes)} became ${again}`
    })
    expect(failure).toBeUndefined()
  })

  it(`are refused when damaged, or read as just what is in them: seed ${testSeed}`, () => {
    const codes = new Set<string>()
    let file: Uint8Array = new Uint8Array(0)
    const failure = firstFailure(90_000, (random, index) => {
      if (index % 8 === 0) file = encodePreload(randomPreload(random))
      const bytes = damaged(random, file)
      const result = parsePreload(random.chance(0.95) ? sealed(bytes) : bytes)
      if (!result.ok) {
        const { code, offset } = result.fault
        codes.add(code)
        return offset >= 0 && offset <= bytes.length ? undefined : `offset ${offset}`
      }
      const { statistics, model } = result.value
      const all = [...Object.values(statistics).flat(), ...model.coefficients]
      // The payload of a NaN need not survive.
      const same = toHex(encodePreload(result.value)) === toHex(bytes) || all.some(Number.isNaN)
      return same ? undefined : `${toHex(bytes)} was read wrong`
    })
    expect(failure).toBeUndefined()
    expect([...codes].sort()).toEqual([
      'bad-magic',
      'invalid-checksum',
      'invalid-number',
      'invalid-text',
      'too-large',
      'trailing-bytes',
      'truncated',
      'unsupported-format',
    ])
  })

  it('come back as they were', () => {
    expect(parsePreload(encodePreload(sample))).toStrictEqual({ ok: true, value: sample })
  })

  it('have a header of 66 bytes', () => {
    const entries: Preload['entries'] = []
    const bare = encodePreload({ ...sample, entries })
    expect(toHex(bare.subarray(66, 70))).toBe('00000000')
  })

  it('make a context with their version and dictionary and no sources', () => {
    const context = contextFromPreload(sample, { scale: 10 })
    expect([context.version, context.sensorType, context.scale]).toEqual([5, 'em500-co2', 10])
    expect([context.observations, context.keys()]).toEqual([0, []])
    expect(context.pattern(4)).toMatchObject({ frequency: 9, bytes: fromHex('0102') })
    expect(context.registerPattern(fromHex('ff'))).toBe(5)
  })

  it('keep no longer a sensor type than 32 bytes', () => {
    expect(() => encodePreload({ ...sample, sensorType: '€'.repeat(11) })).toThrow('33 bytes')
  })
})
