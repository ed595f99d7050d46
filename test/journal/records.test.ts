import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/index.js'
import { RecordWriter } from '../../src/journal/record-writer.js'
import { SegmentReader } from '../../src/journal/segment-reader.js'
import { testSeed } from '../support/mulberry.js'

const seed = testSeed
const time = fc.record({
  mono: fc.double({ min: 0, max: 1e12, noNaN: true }),
  wall: fc.double({ min: 0, max: 1e13, noNaN: true }),
})
const name = fc.string({ minLength: 1, maxLength: 64 })
const frame = fc.record({
  device: name,
  source: name,
  bytes: fc.uint8Array({ maxLength: 300 }),
  integrity: fc.constantFrom('none', 'crc16', 'crc32', 'mqtt') as fc.Arbitrary<
    'none' | 'crc16' | 'crc32' | 'mqtt'
  >,
})
const body = fc.oneof(
  { weight: 5, arbitrary: frame.map((one) => ({ kind: 'frame' as const, frame: one })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ device: name, state: fc.jsonValue({ noUnicodeString: false }) })
      .map((one) => ({ kind: 'state' as const, ...one })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ device: name, fromKey: name, toKey: name, count: fc.nat(), reason: name })
      .map((one) => ({ kind: 'dropped' as const, ...one })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ order: fc.jsonValue({ noUnicodeString: false }) })
      .map((one) => ({ kind: 'order' as const, ...one })),
  },
)

/** Entries with ordinals that grow, mostly by one, also beyond 32 bits. */
const entries = fc
  .tuple(
    fc.constantFrom(1, 2 ** 32 - 2, 2 ** 45),
    fc.array(fc.tuple(body, time, fc.constantFrom(1, 1, 1, 1, 7)), { maxLength: 12 }),
  )
  .map(([first, all]) => {
    let ordinal = first - 1
    const list = all.map(([one, at, step]): JournalEntry => {
      ordinal += step
      const place = { ordinal, ...at }
      return one.kind === 'frame'
        ? { kind: 'frame', ...place, frame: { ...one.frame, ...place } }
        : { ...one, ...place }
    })
    return { first, list }
  })

function written(list: readonly JournalEntry[]): { bytes: Uint8Array; ends: number[] } {
  const writer = new RecordWriter()
  const ends: number[] = []
  for (const entry of list) {
    writer.entry(entry)
    ends.push(writer.bytes.length)
  }
  return { bytes: new Uint8Array(writer.bytes), ends }
}

function read(bytes: Uint8Array, first: number, start = 0): JournalEntry[] {
  const reader = new SegmentReader(bytes, start, first - 1)
  const list: JournalEntry[] = []
  for (let entry = reader.next(); entry; entry = reader.next()) list.push(entry)
  return list
}

describe('records', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(entries, ({ first, list }) => {
        expect(read(written(list).bytes, first)).toEqual(list)
      }),
      { seed },
    )
  })

  it('are read from the end of any record on', () => {
    fc.assert(
      fc.property(entries, fc.nat(), ({ first, list }, n) => {
        const { bytes, ends } = written(list)
        const after = n % (list.length + 1)
        expect(read(bytes, first, ends[after - 1] ?? 0)).toEqual(list.slice(after))
      }),
      { seed },
    )
  })

  it('F-45: lose no more than the one record that a flipped byte is in', () => {
    fc.assert(
      fc.property(
        entries,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ first, list }, n, flip) => {
          const { bytes, ends } = written(list)
          if (list.length === 0) return
          const at = n % bytes.length
          bytes[at] = bytes[at]! ^ flip
          const hit = ends.findIndex((end) => at < end)
          expect(read(bytes, first)).toEqual(list.filter((_, index) => index !== hit))
        },
      ),
      { seed, numRuns: 300 },
    )
  })

  it('F-45: lose nothing that is whole between any garbage', () => {
    fc.assert(
      fc.property(entries, fc.array(fc.uint8Array({ maxLength: 80 })), ({ first, list }, noise) => {
        const { bytes, ends } = written(list)
        const parts = list.flatMap((_, i) => [
          noise[i] ?? new Uint8Array(),
          bytes.subarray(ends[i - 1] ?? 0, ends[i]),
        ])
        expect(read(Buffer.concat(parts), first)).toEqual(list)
      }),
      { seed },
    )
  })

  it('F-45: are read once where they stand twice', () => {
    fc.assert(
      fc.property(entries, ({ first, list }) => {
        const { bytes } = written(list)
        expect(read(Buffer.concat([bytes, bytes]), first)).toEqual(list)
      }),
      { seed },
    )
  })

  it('keep a frame apart from the file that it was read from', () => {
    const list = fc.sample(entries, { seed, numRuns: 50 }).flatMap((one) => one.list)
    for (const entry of list) {
      const { bytes } = written([entry])
      const [back] = read(bytes, entry.ordinal)
      bytes.fill(0)
      expect(back).toEqual(entry)
    }
  })
})

it('a name is cut to 255 bytes, whatever it is made of', () => {
  const frame = {
    bytes: Uint8Array.of(1, 2),
    mono: 1,
    wall: 2,
    integrity: 'none',
    ordinal: 1,
  } as const
  const named = (device: string, source: string): JournalEntry => ({
    ...{ kind: 'frame', ordinal: 1, mono: 1, wall: 2 },
    frame: { ...frame, device, source },
  })
  const come = (device: string, source: string) => read(written([named(device, source)]).bytes, 1)
  const plain = 'a'.repeat(255)
  expect(come(`${plain}b`, `${'é'.repeat(127)}b`)).toEqual([named(plain, `${'é'.repeat(127)}b`)])
  expect(come(`${'é'.repeat(127)}bc`, '')).toEqual([named(`${'é'.repeat(127)}b`, '')])
})

describe('a checkpoint', () => {
  it('is between entries and is none itself', () => {
    const place = { ordinal: 8, mono: 1, wall: 2 }
    const entry: JournalEntry = { kind: 'state', device: 'a', state: [Number.NaN, -0], ...place }
    const writer = new RecordWriter()
    writer.checkpoint(5, 7, 1, 2)
    writer.entry(entry)
    writer.checkpoint(6, 8, 3, 4)
    const reader = new SegmentReader(writer.bytes, 0, 7)
    expect(reader.next()).toEqual(entry)
    expect(reader.checkpoint).toBe(5)
    expect(reader.next()).toBeUndefined()
    expect([reader.checkpoint, reader.last]).toEqual([6, 8])
    expect(reader.time).toEqual({ mono: 3, wall: 4 })
  })
})

it('an entry that was read can be asked for once more', () => {
  const list = [1, 2, 3].map(
    (ordinal): JournalEntry => ({
      kind: 'state',
      device: 'a',
      state: ordinal,
      ordinal,
      mono: 1,
      wall: 2,
    }),
  )
  const reader = new SegmentReader(written(list).bytes, 0, 0)
  reader.next()
  const second = reader.next()
  reader.back()
  expect(reader.last).toBe(1)
  expect(reader.next()).toEqual(second)
  expect(reader.next()).toEqual(list[2])
})
