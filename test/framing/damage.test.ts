import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DiscardReason, wrapFrame } from '../../src/framing/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import {
  AuditedLine,
  distinctFrames,
  framings,
  hexOf,
  joined,
  lineFormat,
  randomBytes,
  wrapAll,
} from './line.js'

const frames = distinctFrames(40, mulberry(testSeed))
const hexFrames = frames.map(hexOf)

type Edit =
  | { readonly kind: 'delete'; readonly place: number }
  | { readonly kind: 'repeat'; readonly place: number }
  | { readonly kind: 'flip'; readonly place: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly place: number; readonly bytes: Uint8Array }

const place = fc.nat(0xffff_ffff)
const insertion = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 6 }),
  // Delimiters, escapes and plausible lengths hurt most.
  fc
    .array(fc.constantFrom(0, 0xc0, 0xdb, 0x0a, 0x20, 0x41, 1), { minLength: 1, maxLength: 3 })
    .map((bytes) => Uint8Array.from(bytes)),
)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), place }),
  fc.record({ kind: fc.constant('repeat' as const), place }),
  fc.record({ kind: fc.constant('flip' as const), place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('insert' as const), place, bytes: insertion }),
)

/** Edits a recording; `touched` knows each frame's bounds and says which of them an edit hit. */
function damaged(wrapped: readonly Uint8Array[], edits: readonly Edit[]) {
  const wire = joined(...wrapped)
  const bytes: number[][] = [...wire].map((byte) => [byte])
  const touched = new Set<number>()
  const owner = wrapped.flatMap((frame, n) => [...frame].map(() => n))
  for (const one of edits) {
    const at = one.place % wire.length
    touched.add(owner[at]!)
    const cell = bytes[at]!
    if (one.kind === 'delete') bytes[at] = cell.slice(0, -1)
    else if (one.kind === 'repeat') bytes[at] = [...cell, ...cell]
    else if (one.kind === 'flip') bytes[at] = cell.map((byte) => byte ^ (1 << one.bit))
    else {
      bytes[at] = [...one.bytes, ...cell]
      // In front of a frame's first byte is behind the last of the one before.
      if (at > 0) touched.add(owner[at - 1]!)
    }
  }
  return { bytes: Uint8Array.from(bytes.flat()), touched }
}

const isSubsequence = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = 0
  for (const item of whole) if (item === part[at]) at++
  return at === part.length
}

// A frame that has its own beginning on the wire shields it from what happened to the one before.
const ownBeginning = { cobs: false, slip: true, length: true, hex: false }

describe.each(framings)('%s under lost, doubled, inserted and flipped bytes', (framing) => {
  const format = lineFormat(framing, { maxFrame: 200 })
  const wrapped = frames.map((frame) => wrapFrame(format, frame))

  it('F-02: loses the frames touched and at most the one behind each, and makes none up', () => {
    const edits = fc.array(edit, { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(edits, fc.integer({ min: 1, max: 300 }), (script, chunkSize) => {
        const { bytes, touched } = damaged(wrapped, script)
        const line = new AuditedLine(format).push(bytes, chunkSize).flush('closed')
        const safe = hexFrames.filter(
          (_, n) => !touched.has(n) && (ownBeginning[framing] || !touched.has(n - 1)),
        )
        expect(safe.filter((frame) => !line.frames.includes(frame))).toEqual([])
        expect(isSubsequence(line.frames, hexFrames)).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it('F-01: yields no wrong frame, and loses one good one at most, after up to 8 flipped bits', () => {
    const flips = fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.nat(frames.length - 1), flips, (n, bits) => {
        const broken = Uint8Array.from(wrapped[n]!)
        for (const bit of bits) {
          const at = (bit >> 3) % broken.length
          broken[at] = broken[at]! ^ (1 << (bit & 7))
        }
        const before = wrapped[(n + 1) % frames.length]!
        const line = new AuditedLine(format).push(joined(before, broken, before, before))
        line.flush('closed')
        const known = new Set([hexFrames[n]!, hexFrames[(n + 1) % frames.length]!])
        expect(line.frames.filter((frame) => !known.has(frame))).toEqual([])
        // Three are good, and the broken one may be whole again.
        expect(line.frames.length).toBeGreaterThanOrEqual(2)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([1, 7, 4096])(
    'F-02: yields every frame behind a million random bytes, chunks of %d',
    (chunkSize) => {
      const noise = randomBytes(1_000_000, mulberry(testSeed))
      const clean = lineFormat(framing)
      const line = new AuditedLine(clean).push(noise, chunkSize)
      expect(line.frames, `seed ${testSeed}`).toEqual([])
      line.push(wrapAll(clean, frames), chunkSize).flush('idle')
      // Where a frame has no beginning of its own the first one ends what the noise began.
      const safe = ownBeginning[framing] ? hexFrames : hexFrames.slice(1)
      expect(line.frames.slice(-safe.length), `seed ${testSeed}`).toEqual(safe)
    },
  )

  /** The books after one bad frame in the midst of good ones. */
  const lossOf = (reason: DiscardReason, bad: Uint8Array) => ({
    // With ENDs on both sides the very first one and the one behind the bad frame stand alone; the bad
    // frame's own first END was counted to the good frame before it.
    bytes: framing === 'slip' ? { [reason]: bad.length - 1, filler: 2 } : { [reason]: bad.length },
    frames: { [reason]: 1 },
  })

  it('F-02: drops a frame that is too long and yields the next', () => {
    const wide = lineFormat(framing, { maxFrame: 2000 })
    const long = wrapFrame(wide, new Uint8Array(1000).fill(0x55))
    const line = new AuditedLine(format).push(joined(wrapped[0]!, long, wrapped[1]!), 3)
    line.flush('idle')
    expect(line.frames).toEqual(hexFrames.slice(0, 2))
    expect(line.discarded()).toEqual(lossOf('too-long', long))
  })

  it('counts what is too short for a frame', () => {
    const bare = lineFormat(framing === 'length' ? 'cobs' : framing, { crc: 'none' })
    const nothing = framing === 'length' ? Uint8Array.of(0, 4) : undefined
    const stump = nothing ?? wrapFrame(bare, Uint8Array.of(1, 2, 3, 4))
    const line = new AuditedLine(format).push(joined(wrapped[0]!, stump, wrapped[1]!))
    expect(line.frames).toEqual(hexFrames.slice(0, 2))
    expect(line.discarded().frames).toEqual({ 'too-short': 1 })
  })

  it('F-01: counts a frame whose CRC is wrong once', () => {
    const broken = Uint8Array.from(wrapped[1]!)
    // A digit for a digit, so that hex stays hex and length stays length.
    broken[6] = broken[6] === 0x31 ? 0x32 : 0x31
    const line = new AuditedLine(format)
      .push(joined(wrapped[0]!, broken, wrapped[2]!))
      .flush('idle')
    expect(line.frames).toEqual([hexFrames[0], hexFrames[2]])
    expect(line.discarded()).toEqual(lossOf('crc', broken))
  })
})
