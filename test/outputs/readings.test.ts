import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChannelReading, Quality, ReadingsVerdict } from '../../src/device/index.js'
import { type ReadingsOptions, ReadingsWriter } from '../../src/outputs/index.js'
import { bad, good, topics, uncertain, verdictOf } from './examples.js'

const KEY = 'gw-1/greenhouse-1'
const options: ReadingsOptions = { qos: 1, retain: false, perChannel: false, uncertain: 'mark' }

function payload(verdict: ReadingsVerdict, changed: Partial<ReadingsOptions> = {}): string {
  const [first] = new ReadingsWriter(topics, { ...options, ...changed }, KEY).publications(verdict)
  return String(first?.payload)
}

describe('readings', () => {
  it.each<[string, ReadingsVerdict, string]>([
    [
      'that are all good',
      verdictOf([good('temperature', 21.4), good('humidity', 48)]),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"good","temperature":21.4,"humidity":48}',
    ],
    [
      'of which one is uncertain: no plain key',
      verdictOf([uncertain('temperature', 21.7, 0.35), good('humidity', 48)], { seq: 18 }),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":18,"quality":"uncertain","humidity":48,"uncertain":{"temperature":{"value":21.7,"bound":0.35}}}',
    ],
    [
      'without any bound',
      verdictOf([uncertain('temperature', 21.7, Number.POSITIVE_INFINITY)]),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"uncertain","uncertain":{"temperature":{"value":21.7,"bound":null}}}',
    ],
    [
      'that are uncertain and not even a number',
      verdictOf([uncertain('temperature', Number.NaN, Number.NaN)]),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"uncertain","uncertain":{"temperature":{"value":null,"bound":null}}}',
    ],
    [
      'that are no numbers',
      verdictOf([bad('temperature', Number.NaN), bad('humidity', Number.NEGATIVE_INFINITY)]),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"bad","temperature":null,"humidity":null,"invalid":{"temperature":"NaN","humidity":"-Infinity"}}',
    ],
    [
      'of all qualities, from a line without CRC',
      verdictOf([bad('a', Number.POSITIVE_INFINITY), uncertain('b', 1, 2), good('c', 3)], {
        integrity: 'none',
      }),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"bad","a":null,"c":3,"uncertain":{"b":{"value":1,"bound":2}},"invalid":{"a":"Infinity"},"integrity":"none"}',
    ],
    [
      'of a standard frame with a time and a priority',
      verdictOf([good('temperature', 21.4)], {
        family: 'standard',
        deviceTime: 1_700_000_000,
        priority: 2,
        epoch: 3,
      }),
      '{"ts":"2026-11-23T22:10:00.123Z","device_ts":"2023-11-14T22:13:20.000Z","epoch":3,"seq":17,"quality":"good","priority":"P2","temperature":21.4}',
    ],
    [
      'with the time 0 of a device without a clock',
      verdictOf([], { deviceTime: 0 }),
      '{"ts":"2026-11-23T22:10:00.123Z","device_ts":"1970-01-01T00:00:00.000Z","epoch":1,"seq":17,"quality":"good"}',
    ],
    [
      'with a CRC of 16 bits',
      verdictOf([good('humidity', 48)], { integrity: 'crc16' }),
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"good","humidity":48}',
    ],
  ])('%s', (_what, verdict, json) => {
    expect(payload(verdict)).toBe(json)
  })

  it('withholds what is uncertain where that is wanted, and still says so', () => {
    const verdict = verdictOf([uncertain('temperature', 21.7, 0.35), good('humidity', 48)])
    expect(payload(verdict, { uncertain: 'withhold' })).toBe(
      '{"ts":"2026-11-23T22:10:00.123Z","epoch":1,"seq":17,"quality":"uncertain","humidity":48}',
    )
  })

  it.each([
    [21.4, '21.4'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-0, '0'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [123_456_789_012, '123456789012'],
  ])('print %d as %s', (value, text) => {
    expect(payload(verdictOf([good('v', value)]))).toContain(`"v":${text}}`)
  })

  it('keep their milliseconds from frame to frame, also back in time', () => {
    const writer = new ReadingsWriter(topics, options, KEY)
    const start = Date.UTC(2026, 0, 1)
    const stamps = [0, 7, 45, 999, 1000, 999, -1, 59_999].map((ms) => {
      const [first] = writer.publications(verdictOf([], { wall: start + ms }))
      return JSON.parse(String(first?.payload)).ts
    })
    expect(stamps).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.007Z',
      '2026-01-01T00:00:00.045Z',
      '2026-01-01T00:00:00.999Z',
      '2026-01-01T00:00:01.000Z',
      '2026-01-01T00:00:00.999Z',
      '2025-12-31T23:59:59.999Z',
      '2026-01-01T00:00:59.999Z',
    ])
  })
})

describe('publications of readings', () => {
  const mixed = verdictOf([good('temperature', 21.4), uncertain('humidity', 48, 1)])

  it('are kept in order while the broker is away, with the QoS and retain that are configured', () => {
    const [first, ...rest] = new ReadingsWriter(
      topics,
      {
        ...options,
        qos: 2,
        retain: true,
      },
      KEY,
    ).publications(mixed)
    expect(rest).toEqual([])
    expect(first).toMatchObject({
      topic: 'alec/greenhouse-1/readings',
      qos: 2,
      retain: true,
      whileAway: 'queue',
    })
  })

  it('go to the channels too where that is wanted, good numbers only', () => {
    const writer = new ReadingsWriter(topics, { ...options, perChannel: true }, KEY)
    expect(writer.publications(mixed).slice(1)).toEqual([
      {
        topic: 'alec/greenhouse-1/readings/temperature',
        payload: '21.4',
        qos: 1,
        retain: false,
        whileAway: 'queue',
        key: `${KEY}/1/17`,
      },
    ])
    const poisoned = verdictOf([bad('temperature', Number.NaN), good('humidity', -0)])
    expect(
      writer
        .publications(poisoned)
        .slice(1)
        .map(({ payload }) => payload),
    ).toEqual(['0'])
  })

  it('leave the channels out when told to', () => {
    const writer = new ReadingsWriter(topics, { ...options, perChannel: true }, KEY)
    expect(writer.publications(mixed, false)).toHaveLength(1)
  })
})

/** The same document, built as an object. */
function naive(verdict: ReadingsVerdict, mode: 'mark' | 'withhold'): unknown {
  const { frame, epoch, seq, quality, channels } = verdict
  const of = (wanted: Quality) => channels.filter((channel) => channel.quality === wanted)
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  const marked = of('uncertain').map(({ name, value, bound }) => [
    name,
    { value: finite(value), bound: finite(bound) },
  ])
  const invalid = of('bad').map(({ name, value }) => [name, String(value)])
  return {
    ts: new Date(frame.wall).toISOString(),
    ...(verdict.deviceTime >= 0 && {
      device_ts: new Date(verdict.deviceTime * 1000).toISOString(),
    }),
    epoch,
    seq,
    quality,
    ...(verdict.priority > 0 && { priority: `P${verdict.priority}` }),
    ...Object.fromEntries(of('good').map(({ name, value }) => [name, value])),
    ...Object.fromEntries(of('bad').map(({ name }) => [name, null])),
    ...(mode === 'mark' && marked.length > 0 && { uncertain: Object.fromEntries(marked) }),
    ...(invalid.length > 0 && { invalid: Object.fromEntries(invalid) }),
    ...(frame.integrity === 'none' && { integrity: 'none' }),
  }
}

describe('any readings', () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true })
  const bound = fc.double({ min: 0, noNaN: true })
  const nonFinite = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}x$/)
  const channel: fc.Arbitrary<ChannelReading> = fc.oneof(
    fc.tuple(name, value).map(([name, value]) => good(name, value)),
    fc.tuple(name, value, bound).map(([name, value, bound]) => uncertain(name, value, bound)),
    fc.tuple(name, nonFinite).map(([name, value]) => bad(name, value)),
  )
  const verdict = fc
    .record({
      channels: fc.uniqueArray(channel, { selector: ({ name }) => name, maxLength: 12 }),
      wall: fc.integer({ min: 0, max: 4e12 }),
      epoch: fc.nat(),
      seq: fc.maxSafeNat(),
      deviceTime: fc.integer({ min: -1, max: 0xffff_ffff }),
      priority: fc.constantFrom(0 as const, 1 as const, 5 as const),
      integrity: fc.constantFrom('none' as const, 'crc32' as const, 'mqtt' as const),
    })
    .map(({ channels, ...rest }) => verdictOf(channels, rest))
  const mode = fc.constantFrom('mark' as const, 'withhold' as const)

  it('read back as the object that a naive twin builds', () => {
    fc.assert(
      fc.property(verdict, mode, (any, uncertain) => {
        const twin = JSON.parse(JSON.stringify(naive(any, uncertain)))
        expect(JSON.parse(payload(any, { uncertain }))).toEqual(twin)
      }),
      { numRuns: 2000 },
    )
  })

  it('show a plain number for a channel only where it is good', () => {
    fc.assert(
      fc.property(verdict, mode, (any, uncertain) => {
        const document = JSON.parse(payload(any, { uncertain }))
        for (const { name, value, quality } of any.channels) {
          const plain = { good: value === 0 ? 0 : value, uncertain: undefined, bad: null }
          expect(document[name]).toBe(plain[quality])
        }
      }),
    )
  })
})
