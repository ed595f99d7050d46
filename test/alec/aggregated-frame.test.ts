import { describe, expect, it } from 'vitest'
import {
  type AggregatedChannel,
  encodeAggregated,
  ParsedFrame,
  parseAggregated,
  parseFrame,
  StandardEncoder,
  splitStandardFrames,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex } from '../support/vectors.js'
import { integerHex } from './naive-codec.js'
import { damaged, firstFailure, type Random } from './random.js'

const randomChannels = (random: Random): AggregatedChannel[] =>
  Array.from({ length: random.below(4) }, () => ({
    id: random.text(6),
    data: random.bytes(random.below(random.chance(0.1) ? 700 : 20)),
  }))

/** Field by field in hex. */
const naiveAggregated = (channels: readonly AggregatedChannel[]): string =>
  [
    '01',
    integerHex(channels.length, 1),
    ...channels.map(({ id, data }) => {
      const text = toHex(new TextEncoder().encode(id))
      const length = integerHex(data.length % 256, 1) + integerHex(Math.floor(data.length / 256), 1)
      return integerHex(text.length / 2, 1) + text + length + toHex(data)
    }),
  ].join('')

describe('aggregated frames', () => {
  it(`are written as their twin writes them and read back: seed ${testSeed}`, () => {
    const failure = firstFailure(40_000, (random) => {
      const channels = randomChannels(random)
      const hex = toHex(encodeAggregated(channels))
      if (hex !== naiveAggregated(channels)) return `${hex} is not what its twin writes`
      const result = parseAggregated(fromHex(hex))
      if (!result.ok) return `${hex}: ${result.fault.message}`
      return naiveAggregated(result.value) === hex ? undefined : `${hex} was read wrong`
    })
    expect(failure).toBeUndefined()
  })

  it(`are refused when damaged, or read as just what is in them: seed ${testSeed}`, () => {
    const codes = new Set<string>()
    const failure = firstFailure(60_000, (random) => {
      const bytes = damaged(random, encodeAggregated(randomChannels(random)))
      const result = parseAggregated(bytes)
      if (!result.ok) {
        const { code, offset } = result.fault
        codes.add(code)
        return offset >= 0 && offset <= bytes.length ? undefined : `offset ${offset}`
      }
      return toHex(encodeAggregated(result.value)) === toHex(bytes) ? undefined : toHex(bytes)
    })
    expect(failure).toBeUndefined()
    expect([...codes].sort()).toEqual([
      'empty',
      'invalid-text',
      'trailing-bytes',
      'truncated',
      'unsupported-version',
      'wrong-family',
    ])
  })

  it('refuse what no gateway can send', () => {
    const channel = { id: 'x', data: new Uint8Array(0x1_0000) }
    expect(() => encodeAggregated([channel])).toThrow('65536 bytes')
    expect(() => encodeAggregated(Array(256).fill(channel))).toThrow('256 channels')
    expect(() => encodeAggregated([{ id: 'é'.repeat(128), data: fromHex('') }])).toThrow(
      '256 bytes',
    )
  })
})

describe('splitStandardFrames', () => {
  it(`cuts a channel's data where its frames end: seed ${testSeed}`, () => {
    let encoder = new StandardEncoder({ checksum: true })
    const parsed = new ParsedFrame()
    const shape = { family: 'standard', checksum: true } as const
    const failure = firstFailure(10_000, (random, index) => {
      if (index % 50 === 0) encoder = new StandardEncoder({ checksum: true })
      const frames = Array.from({ length: 1 + random.below(5) }, () => randomFrame(random, encoder))
      const data = fromHex(frames.map(toHex).join(''))
      const result = splitStandardFrames(data)
      if (!result.ok) return `${toHex(data)}: ${result.fault.message}`
      if (result.value.map(toHex).join() !== frames.map(toHex).join()) return toHex(data)
      return result.value.map((frame) => parseFrame(frame, shape, parsed)?.message).find(Boolean)
    })
    expect(failure).toBeUndefined()
  })

  it('never throws on damaged data, and accounts for every byte', () => {
    const encoder = new StandardEncoder({ checksum: true })
    const failure = firstFailure(50_000, (random) => {
      const data = damaged(random, randomFrame(random, encoder))
      const result = splitStandardFrames(data)
      if (!result.ok) {
        const { offset } = result.fault
        return offset >= 0 && offset <= data.length ? undefined : `${toHex(data)}: ${offset}`
      }
      return result.value.map(toHex).join('') === toHex(data) ? undefined : toHex(data)
    })
    expect(failure).toBeUndefined()
  })

  it('says where in the data a frame is broken', () => {
    const frame = new StandardEncoder({ checksum: true }).encode(20, {
      sourceId: 1,
      timestampMs: 0,
      priority: 3,
    })
    const data = fromHex(`${toHex(frame)}ff`)
    expect(splitStandardFrames(data)).toMatchObject({
      fault: { code: 'unsupported-version', offset: frame.length },
    })
    expect(splitStandardFrames(new Uint8Array(0))).toMatchObject({ fault: { code: 'empty' } })
  })

  it('takes a message without data for the last one', () => {
    const data = fromHex('4a0007000000050000091000000000000000')
    const result = splitStandardFrames(data)
    expect(result.ok && result.value.map(toHex)).toEqual([toHex(data)])
  })
})

function randomFrame(random: Random, encoder: StandardEncoder): Uint8Array {
  const options = { sourceId: random.below(300), timestampMs: 0, priority: 3 } as const
  const entries = Array.from({ length: random.below(5) }, (_, nameId) => ({
    nameId,
    value: random.f64(),
  }))
  if (random.chance(0.3)) return encoder.encodePlainMulti(entries, options)
  return random.chance(0.3)
    ? encoder.encodeAdaptiveMulti(entries, options)
    : encoder.encode(random.step(20), options)
}
