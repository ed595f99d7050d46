import { describe, expect, it } from 'vitest'
import { CompactEncoder, type FrameShape, ParsedFrame, parseFrame } from '../../src/alec/index.js'
import { putChecksum, putStandardValue } from '../../src/alec/standard-frame.js'
import { testSeed } from '../support/mulberry.js'
import { toHex } from '../support/vectors.js'
import { type NaiveEntry, naiveParse } from './naive-codec.js'
import { damaged, firstFailure, type Random } from './random.js'

describe('parseFrame and its twin', () => {
  it(`accept the same compact frames and read the same from them: seed ${testSeed}`, () => {
    let channels = 1
    let encoder = new CompactEncoder({ channels })
    let values = [20]
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 50 === 0) {
        channels = 1 + random.below(random.chance(0.1) ? 64 : 9)
        encoder = new CompactEncoder({ channels, keyframeInterval: 5 })
        values = Array.from({ length: channels }, () => random.step(20))
      }
      values = values.map((value) => random.step(value))
      const frame = encoder.encode(values)
      return compare(random.chance(0.3) ? frame : damaged(random, frame), {
        family: 'compact',
        channels,
      })
    })
    expect(failure).toBeUndefined()
  })

  it(`accept the same standard frames and read the same from them: seed ${testSeed}`, () => {
    const failure = firstFailure(100_000, (random) => {
      const checksum = random.chance(0.3)
      const frame = anyStandardFrame(random, checksum)
      const bytes = random.chance(0.3) ? frame : damaged(random, frame)
      // Damage would seldom get past a checksum: most of it is sealed again.
      if (checksum && bytes.length >= 4 && random.chance(0.8)) putChecksum(bytes, bytes.length - 4)
      return compare(bytes, { family: 'standard', checksum })
    })
    expect(failure).toBeUndefined()
  })
})

const parsed = new ParsedFrame()

function compare(bytes: Uint8Array, shape: FrameShape): string | undefined {
  const fault = parseFrame(bytes, shape, parsed)
  const twin = naiveParse(bytes, shape)
  if (fault) {
    if (parsed.count !== 0) return `${toHex(bytes)} was refused but counted`
    return twin && `${toHex(bytes)} was refused: ${fault.message}`
  }
  if (twin === undefined) return `${toHex(bytes)} was accepted`
  const entries = Array.from({ length: parsed.count }, (_, i) => entryAt(i))
  const same = entries.length === twin.length && entries.every((entry, i) => equal(entry, twin[i]!))
  return same ? undefined : `${toHex(bytes)} was read as ${JSON.stringify(entries)}`
}

const entryAt = (i: number): NaiveEntry => ({
  key: parsed.keys[i]!,
  encoding: parsed.encodings[i]!,
  number: parsed.numbers[i]!,
  patternDelta: parsed.patternDeltas[i]!,
})

const equal = (a: NaiveEntry, b: NaiveEntry): boolean =>
  a.key === b.key &&
  a.encoding === b.encoding &&
  Object.is(a.number, b.number) &&
  a.patternDelta === b.patternDelta

const encodings = [0x00, 0x01, 0x10, 0x11, 0x12, 0x30, 0x31]

/** Frames with every encoding, also those that no encoder of ours chooses. */
function anyStandardFrame(random: Random, checksum: boolean): Uint8Array {
  const type = random.chance(0.1) ? random.below(8) : 0
  const head = [0x40 | (type << 3) | random.below(5), ...random.bytes(9)]
  const bytes = new Uint8Array(400)
  bytes.set(head)
  let at = head.length
  const source = random.bytes(1 + random.below(5)).map((byte, i, all) => {
    if (i < all.length - 1) return byte | 0x80
    return byte & (i === 4 ? 0x0f : 0x7f)
  })
  bytes.set(source, at)
  at += source.length
  const put = (encoding: number) => {
    bytes[at++] = encoding
    const number = encoding < 2 ? random.f64() : random.u32()
    at = putStandardValue(bytes, at, encoding, number)
  }
  if (random.chance(0.4)) {
    const count = random.below(12)
    bytes.set([0x40, count], at)
    at += 2
    for (let i = 0; i < count; i++) {
      bytes[at++] = random.below(256)
      put(random.pick(encodings))
    }
  } else if (random.chance(0.2)) {
    const withDelta = random.chance(0.5)
    bytes.set(withDelta ? [0x21, 0x85, 0x01, random.below(256)] : [0x20, random.below(128)], at)
    at += withDelta ? 4 : 2
  } else {
    put(random.pick(encodings))
  }
  return bytes.slice(0, checksum ? putChecksum(bytes, at) : at)
}
