import { describe, expect, it } from 'vitest'
import { Context, crc32, exportAlcs, importAlcs } from '../../src/alec/index.js'
import { PatternDictionary } from '../../src/alec/patterns.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'
import { naiveAlcs } from './naive-files.js'
import { damaged, firstFailure, type Random } from './random.js'

describe('ALCS states of the device library', () => {
  const states = [
    ...vectors.compact().map(({ decoderStateAlcs }) => decoderStateAlcs),
    ...vectors.context().flatMap(({ checkpoints }) => checkpoints.map(({ alcs }) => alcs)),
  ].filter((hex) => hex !== '')

  it('are read and written again byte for byte', () => {
    expect(states.length).toBe(28)
    for (const hex of states) {
      const result = importAlcs(fromHex(hex))
      expect(result.ok && toHex(exportAlcs(result.value))).toBe(hex)
    }
  })
})

/** Puts the right CRC under damaged bytes, or nothing behind it would ever be looked at. */
function sealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) return bytes
  const body = bytes.length - 4
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(body, crc32(bytes.subarray(0, body)), true)
  return bytes
}

function randomContext(random: Random): Context {
  const sources = [...new Set(Array.from({ length: random.below(4) }, () => random.u32()))].map(
    (key) => {
      const maxHistory = random.below(6)
      const history = Array.from({ length: random.below(maxHistory + 1) }, () => random.f64())
      const [last, ema, mean, m2] = [random.f64(), random.f64(), random.f64(), random.f64()]
      return { key, count: random.count(), last, ema, mean, m2, maxHistory, history }
    },
  )
  const patterns = new PatternDictionary()
  for (let i = random.below(4); i > 0; i--) {
    const bytes = random.bytes(random.below(10))
    const [frequency, lastUsed, createdAt] = [random.count(), random.count(), random.count()]
    patterns.set(random.u32(), { bytes, frequency, lastUsed, createdAt })
  }
  patterns.nextCode = random.u32()
  return Context.from(
    { sensorType: random.text(12), scale: Math.max(1, random.u32()) },
    { version: random.u32(), observations: random.count() },
    sources,
    patterns,
  )
}

describe('exportAlcs and importAlcs', () => {
  it(`write what their twin writes and read it back: seed ${testSeed}`, () => {
    const failure = firstFailure(10_000, (random) => {
      const context = randomContext(random)
      const bytes = exportAlcs(context)
      if (toHex(bytes) !== naiveAlcs(context)) return `${toHex(bytes)} is not what its twin writes`
      const result = importAlcs(bytes)
      if (!result.ok) return `${toHex(bytes)}: ${result.fault.message}`
      const again = toHex(exportAlcs(result.value))
      return again === toHex(bytes) ? undefined : `${toHex(bytes)} became ${again}`
    })
    expect(failure).toBeUndefined()
  })

  it(`refuse damaged bytes or read just what is in them: seed ${testSeed}`, () => {
    const codes = new Set<string>()
    let state: Uint8Array = new Uint8Array(0)
    const failure = firstFailure(90_000, (random, index) => {
      if (index % 8 === 0) state = exportAlcs(randomContext(random))
      const bytes = damaged(random, state)
      const result = importAlcs(random.chance(0.95) ? sealed(bytes) : bytes)
      if (!result.ok) {
        const { code, offset } = result.fault
        codes.add(code)
        return offset >= 0 && offset <= bytes.length ? undefined : `offset ${offset}`
      }
      const again = toHex(exportAlcs(result.value))
      const numbers = result.value
        .records()
        .flatMap((s) => [s.last, s.ema, s.mean, s.m2, ...s.history])
      // The payload of a NaN need not survive.
      const same = again === toHex(bytes) || numbers.some(Number.isNaN)
      return same ? undefined : `${toHex(bytes)} was read as ${again}`
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

  const withSource = new Context({ sensorType: 'x' })
  withSource.observe(7, 20)
  const state = exportAlcs(withSource)
  const changed = (at: number, hex: string) => {
    const copy = state.slice()
    copy.set(fromHex(hex), at)
    return importAlcs(sealed(copy))
  }

  it.each([
    ['another magic', 0, '42', 'bad-magic', 0, 'begins with "BLCS"; "ALCS" was expected'],
    ['another format', 4, '02', 'unsupported-format', 4, 'ALCS format 2; 1 was expected'],
    [
      'another averaging weight',
      62,
      '0000000000000000',
      'invalid-number',
      62,
      'averaging weight 0',
    ],
    ['a scale of nothing', 12, '00000000', 'invalid-number', 12, 'the scale factor is 0'],
    ['a text that is none', 29, 'ff', 'invalid-text', 29, 'the sensor type is not UTF-8'],
    [
      'a billion sources',
      30,
      '00ca9a3b',
      'truncated',
      106,
      'for an observation count, but none came',
    ],
    ['a history of billions', 86, 'ffffffff', 'too-large', 86, 'a history of 4294967295'],
    [
      'more history than its limit',
      90,
      '65',
      'too-large',
      90,
      '101 values of history; at most 100',
    ],
    ['more than 2^53 observations', 16, 'ffffffffffffff7f', 'invalid-number', 16, '2^53 - 1'],
  ])('refuse %s', (_, at, hex, code, offset, message) => {
    const result = changed(at, hex)
    if (result.ok) throw new Error('was accepted')
    expect(result.fault).toMatchObject({ code, offset })
    expect(result.fault.message).toContain(message)
  })

  it('refuse a flipped bit by the CRC', () => {
    const copy = state.slice()
    copy[40]! ^= 1
    expect(importAlcs(copy)).toMatchObject({
      ok: false,
      fault: { code: 'invalid-checksum', offset: state.length - 4 },
    })
  })

  it.each([0, 3, 4, 11])('refuse %i bytes', (length) => {
    expect(importAlcs(state.subarray(0, length))).toMatchObject({ fault: { code: 'truncated' } })
  })

  it('let sources that come later remember as much as those that are there', () => {
    const small = new Context({ historySize: 20 })
    small.observe(1, 5)
    const result = importAlcs(exportAlcs(small))
    expect(result.ok && result.value.historySize).toBe(20)
  })
})
