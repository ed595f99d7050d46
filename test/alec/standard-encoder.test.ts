import { describe, expect, it } from 'vitest'
import { Context, type Priority, ReferenceDecoder, StandardEncoder } from '../../src/alec/index.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'

const priorityOf = (code: number): Priority => (code + 1) as Priority

describe('single frames of the device library', () => {
  for (const { signal, sourceId, checksum, rows } of vectors.standardSingle()) {
    const title = `${signal}, source ${sourceId}, ${checksum ? 'with' : 'without'} checksum`

    it(`are encoded byte for byte: ${title}`, () => {
      const encoder = new StandardEncoder({ checksum })
      for (const [value, timestampMs, priority, version, frame] of rows) {
        expect(encoder.context.version).toBe(version)
        const options = { sourceId, timestampMs, priority: priorityOf(priority) }
        expect(toHex(encoder.encode(value, options))).toBe(frame)
      }
    })

    it(`have the priority that the classifier finds: ${title}`, () => {
      const encoder = new StandardEncoder({ checksum })
      for (const [value, timestampMs, code] of rows) {
        const priority = encoder.classify(sourceId, value)
        expect(priority).toBe(priorityOf(code))
        encoder.encode(value, { sourceId, timestampMs, priority })
      }
    })

    it(`decode as the library decodes them: ${title}`, () => {
      const decoder = new ReferenceDecoder({ shape: { family: 'standard', checksum } })
      for (const [, timestampMs, priority, version, frame, decoded] of rows) {
        const result = decoder.decode(fromHex(frame))
        expect(result).toStrictEqual({ ok: true, value: [{ key: sourceId, value: decoded }] })
        expect(decoder.frame.version).toBe(version)
        expect(decoder.frame.timestamp).toBe(Math.floor(timestampMs / 1000))
        expect(decoder.frame.priority).toBe(priorityOf(priority))
      }
    })
  }
})

describe('plain multi frames of the device library', () => {
  const rows = vectors.standardPlainMulti()

  it('are encoded byte for byte, and observe nothing', () => {
    const encoder = new StandardEncoder()
    for (const { values, sourceId, timestamp, priority, frame } of rows) {
      const entries = values.map(([nameId, value]) => ({ nameId, value }))
      const options = { sourceId, timestampMs: timestamp, priority: priorityOf(priority) }
      expect(toHex(encoder.encodePlainMulti(entries, options))).toBe(frame)
    }
    expect(encoder.context.version).toBe(0)
  })

  it('decode as the library decodes them', () => {
    const decoder = new ReferenceDecoder({ shape: { family: 'standard', checksum: false } })
    for (const { frame, sourceId, decoded } of rows) {
      const value = decoded.map(([key, value]) => ({ key, value }))
      expect(decoder.decode(fromHex(frame))).toStrictEqual({ ok: true, value })
      expect(decoder.frame.sourceId).toBe(sourceId)
    }
  })
})

describe('adaptive multi frames of the device library', () => {
  for (const { signals, rows } of vectors.standardAdaptiveMulti()) {
    it(`are encoded byte for byte, urgent entries first: ${signals.length} channels`, () => {
      const encoder = new StandardEncoder()
      for (const { values, priorities, contextVersion, frame } of rows) {
        expect(encoder.context.version).toBe(contextVersion)
        expect(values.map((value, key) => encoder.classify(key, value))).toEqual(
          priorities.map(priorityOf),
        )
        const { timestamp: seconds } = timeOf(frame)
        const entries = values.map((value, nameId) => ({ nameId, value }))
        expect(toHex(encoder.encodeAdaptiveMulti(entries, { timestampMs: seconds * 1000 }))).toBe(
          frame,
        )
      }
    })

    it(`decode as a receiver does that ignores what was left out: ${signals.length} channels`, () => {
      const decoder = new ReferenceDecoder({ shape: { family: 'standard', checksum: false } })
      for (const { frame, referenceDecoded } of rows) {
        const value = referenceDecoded.map(([key, value]) => ({ key, value }))
        expect(decoder.decode(fromHex(frame))).toStrictEqual({ ok: true, value })
      }
    })
  }
})

/** The vectors give an adaptive frame's time only inside it. */
const timeOf = (frame: string) => ({ timestamp: Number.parseInt(frame.slice(6, 14), 16) })

describe('StandardEncoder', () => {
  const options = { sourceId: 3, timestampMs: 1_700_000_000_999, priority: 3 } as const

  it('fills an adaptive frame with deferred entries up to 127 bytes and not beyond', () => {
    const encoder = new StandardEncoder()
    const entries = (value: number) =>
      Array.from({ length: 60 }, (_, nameId) => ({ nameId, value }))
    encoder.encodeAdaptiveMulti(entries(100), { timestampMs: 0 })
    // 13 bytes of head, then 4 an entry (delta16): 28 of them make 125, and a 29th would make 129.
    const frame = encoder.encodeAdaptiveMulti(entries(105), { timestampMs: 0 })
    expect([frame.length, frame[12], frame[0]]).toEqual([125, 28, 0x42])
    expect(encoder.context.count(59)).toBe(2)
  })

  it('counts the checksum among the 127 bytes', () => {
    const encoder = new StandardEncoder({ checksum: true })
    const entries = (value: number) =>
      Array.from({ length: 60 }, (_, nameId) => ({ nameId, value }))
    encoder.encodeAdaptiveMulti(entries(100), { timestampMs: 0 })
    expect(encoder.encodeAdaptiveMulti(entries(105), { timestampMs: 0 }).length).toBe(125)
    expect(encoder.sequence).toBe(2)
  })

  it('follows the rules of each source', () => {
    const encoder = new StandardEncoder({
      rules: new Map([[3, { criticalMax: 21, scheduled: true }]]),
    })
    encoder.encode(20, options)
    expect(encoder.classify(3, 21.5)).toBe(1)
    expect(encoder.classify(3, 20.9)).toBe(3)
    expect(encoder.classify(4, 99)).toBe(3)
  })

  it('wraps its sequence after 65535 frames', () => {
    const encoder = new StandardEncoder()
    for (let i = 0; i < 65_535; i++) encoder.encodePlainMulti([], options)
    expect(encoder.encodePlainMulti([], options).subarray(1, 3)).toEqual(fromHex('ffff'))
    expect(encoder.sequence).toBe(0)
  })

  it('goes on from the context that it is handed, with its scale', () => {
    const context = new Context({ scale: 10 })
    context.observe(3, 20)
    const frame = new StandardEncoder({ context }).encode(20.5, options)
    expect(toHex(frame.subarray(7))).toBe('000001031005')
  })

  it('hands out frames that later ones do not touch', () => {
    const encoder = new StandardEncoder()
    const first = encoder.encode(20, options)
    const before = toHex(first)
    encoder.encode(21, options)
    expect(toHex(first)).toBe(before)
  })

  it('refuses more entries than a count byte can say', () => {
    const entries = Array.from({ length: 256 }, () => ({ nameId: 0, value: 1 }))
    const encoder = new StandardEncoder()
    expect(() => encoder.encodePlainMulti(entries, options)).toThrow(RangeError)
    expect(() => encoder.encodeAdaptiveMulti(entries, { timestampMs: 0 })).toThrow('256 entries')
    expect([encoder.sequence, encoder.context.version]).toEqual([0, 0])
  })
})
