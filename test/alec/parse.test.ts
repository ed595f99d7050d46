import { describe, expect, it } from 'vitest'
import {
  CompactEncoder,
  Context,
  exportAlcs,
  type FaultCode,
  type FrameShape,
  ParsedFrame,
  parseFrame,
  ReferenceDecoder,
  StandardEncoder,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'
import { damaged, firstFailure, type Random, sameNumbers } from './random.js'

const plain: FrameShape = { family: 'standard', checksum: false }

/** What we say to each malformed vector: a fault, or the values that it holds after all. */
const answers: Record<string, [FaultCode, number, string] | number[]> = {
  empty: ['empty', 0, 'no bytes; a standard frame was expected'],
  'short-header': [
    'truncated',
    3,
    '10 bytes expected at offset 0 for the header of a standard frame, but only 3 came',
  ],
  'header-only': ['truncated', 10, '1 byte expected at offset 10 for the source id, but none came'],
  'no-encoding': ['truncated', 11, '1 byte expected at offset 11 for the encoding, but none came'],
  'unknown-encoding': ['unknown-encoding', 11, 'no encoding has the code 0xff'],
  'truncated-raw64': [
    'truncated',
    15,
    '8 bytes expected at offset 12 for raw64 (0x00), but only 3 came',
  ],
  'truncated-raw32': [
    'truncated',
    15,
    '4 bytes expected at offset 12 for raw32 (0x01), but only 3 came',
  ],
  'truncated-delta16': [
    'truncated',
    13,
    '2 bytes expected at offset 12 for delta16 (0x11), but only 1 came',
  ],
  'delta-unknown-source': ['no-prediction', 11, 'delta8 for key 5, which has no prediction yet'],
  'repeated-unknown-source': [
    'no-last-value',
    11,
    'repeated for key 5, which has no last value yet',
  ],
  'interpolated-known': [22.226899999999997],
  'unknown-pattern': ['unknown-pattern', 12, 'pattern 9 is not in the dictionary of 0'],
  'varint-too-long': [
    'invalid-varint',
    14,
    'the source id at offset 10 is a varint of more than 5 bytes',
  ],
  'bad-priority': ['invalid-priority', 0, 'priority code 7; 0 (P1) to 4 (P5) was expected'],
  // The library has another call for multi frames; this one is a sound one of no entries.
  'multi-to-single': [],
  'trailing-bytes': [
    'trailing-bytes',
    13,
    'the data of a standard frame ends at offset 13, but 2 more bytes came',
  ],
  'version-0': [
    'unsupported-version',
    0,
    'first byte 0x02 begins no frame of ALEC protocol 1; a standard frame (0x40 to 0x7f) was expected',
  ],
  'version-3': [
    'unsupported-version',
    0,
    'first byte 0xc2 begins no frame of ALEC protocol 1; a standard frame (0x40 to 0x7f) was expected',
  ],
}

describe('malformed frames of the vectors', () => {
  const malformed = vectors.malformed()

  it('have an answer each', () => {
    expect(malformed.map(({ name }) => name)).toEqual(Object.keys(answers))
  })

  for (const { name, bytes } of malformed) {
    it(`are answered by code, offset and message, and leave no trace: ${name}`, () => {
      const context = new Context()
      for (const value of [20, 21, 22, 23, 24]) context.observe(0, value)
      const before = toHex(exportAlcs(context))
      const result = new ReferenceDecoder({ shape: plain, context }).decode(fromHex(bytes))
      const answer = answers[name]!
      if (result.ok) {
        expect(result.value.map(({ value }) => value)).toStrictEqual(answer)
      } else {
        expect([result.fault.code, result.fault.offset, result.fault.message]).toEqual(answer)
        expect(toHex(exportAlcs(context))).toBe(before)
      }
    })
  }
})

describe('parseFrame', () => {
  const frame = new ParsedFrame()
  const faultOf = (hex: string, shape: FrameShape) => parseFrame(fromHex(hex), shape, frame)
  const compact = (channels: number): FrameShape => ({ family: 'compact', channels })

  it.each([
    [
      'a100000000',
      plain,
      'wrong-family',
      'a compact frame (0xa1, 0xa2) came where a standard frame',
    ],
    ['4200000000', compact(1), 'wrong-family', 'came where a compact frame (0xa1, 0xa2) was'],
    ['0101', plain, 'wrong-family', 'an aggregated gateway frame (0x01) came where'],
    ['0101', compact(3), 'wrong-family', 'its channels have to be taken apart first'],
    ['a300000000', compact(1), 'unsupported-version', 'first byte 0xa3'],
    ['00', compact(1), 'unsupported-version', 'first byte 0x00'],
  ] as const)('tells families apart by the first byte: %s', (hex, shape, code, message) => {
    expect(faultOf(hex, shape)).toMatchObject({ code, offset: 0 })
    expect(faultOf(hex, shape)?.message).toContain(message)
  })

  it.each([
    ['a1000000', 1, 'truncated', 4],
    ['a10000000003419000', 1, 'truncated', 9],
    ['a1000000000100', 1, undefined, 0],
    ['a100000000010000', 1, 'trailing-bytes', 7],
    // A 1-channel frame has six spare bits, one of 4 has none.
    ['a1000000000500', 1, 'unused-bits', 5],
    ['a1000000004000', 4, undefined, 0],
    ['a2000000000100', 1, 'encoding-not-allowed', 5],
    ['a2000000000341a80000', 1, undefined, 0],
  ] as const)(
    'accepts or refuses a compact frame: %s of %i channels',
    (hex, channels, code, offset) => {
      const fault = faultOf(hex, compact(channels))
      expect(fault?.code).toBe(code)
      expect(fault?.offset ?? 0).toBe(offset)
    },
  )

  it.each([
    // Source id varints.
    ['42000000000000000000ffffffff0f30', undefined, 0],
    ['42000000000000000000ffffffff1030', 'invalid-varint', 14],
    ['42000000000000000000ffff', 'truncated', 12],
    // PatternDelta.
    ['42000000000000000000002105ff', undefined, 0],
    ['42000000000000000000002105', 'truncated', 13],
    ['420000000000000000000021ffffffff7f00', 'invalid-varint', 16],
    // Multi frames.
    ['42000000000000000000004001', 'truncated', 13],
    ['4200000000000000000000400105', 'truncated', 14],
    ['420000000000000000000040010530', undefined, 0],
    ['42000000000000000000004001052005', 'encoding-not-allowed', 14],
    ['42000000000000000000004001054000', 'encoding-not-allowed', 14],
    ['42000000000000000000004001057700', 'unknown-encoding', 14],
    ['42000000000000000000004001053000', 'trailing-bytes', 15],
  ] as const)('accepts or refuses a standard frame: %s', (hex, code, offset) => {
    const fault = faultOf(hex, plain)
    expect(fault?.code).toBe(code)
    expect(fault?.offset ?? 0).toBe(offset)
  })

  it('checks the checksum before it believes anything else', () => {
    const sealed: FrameShape = { family: 'standard', checksum: true }
    const good = new StandardEncoder({ checksum: true }).encode(20, {
      sourceId: 1,
      timestampMs: 0,
      priority: 3,
    })
    expect(parseFrame(good, sealed, frame)).toBeUndefined()
    good[0] = 0x47
    expect(parseFrame(good, sealed, frame)).toMatchObject({ code: 'invalid-checksum', offset: 16 })
    expect(frame.count).toBe(0)
    expect(faultOf('42000000000000000000000000', sealed)).toMatchObject({
      code: 'truncated',
      offset: 13,
      message:
        '14 bytes expected at offset 0 for the header and checksum of a standard frame, but only 13 came',
    })
  })

  it('reads only the header of a message that carries no data', () => {
    expect(faultOf('4a00070000000500000910000000', plain)).toBeUndefined()
    expect(frame).toMatchObject({
      messageType: 'sync',
      priority: 3,
      sequence: 7,
      timestamp: 5,
      version: 9,
      count: 0,
      payloadOffset: 10,
      payloadEnd: 14,
    })
  })

  it('leaves nothing of the frame before in the columns', () => {
    expect(faultOf('42000000000000000000002105ff', plain)).toBeUndefined()
    expect(frame.patternDeltas[0]).toBe(-1)
    expect(faultOf('a1000000000100', compact(1))).toBeUndefined()
    expect([frame.patternDeltas[0], frame.sourceId, frame.timestamp]).toEqual([0, 0, -1])
  })

  it('reads a view into a larger buffer', () => {
    const buffer = fromHex('ffffffa1000000000341a80000ffff')
    expect(parseFrame(buffer.subarray(3, 13), compact(1), frame)).toBeUndefined()
    expect([frame.keys[0], frame.numbers[0], frame.offsets[0]]).toEqual([1, 21, 6])
  })
})

/** Devices that send all sorts of frames, and decoders that know their shape. */
function bench(random: Random) {
  const channels = 1 + random.below(9)
  const compact = new CompactEncoder({ channels, keyframeInterval: 9 })
  const checksum = random.chance(0.5)
  const standard = new StandardEncoder({ checksum })
  const shapes: FrameShape[] = [
    { family: 'compact', channels },
    { family: 'standard', checksum },
  ]
  const decoders = shapes.map((shape) => new ReferenceDecoder({ shape }))
  let values: number[] = Array.from({ length: channels }, () => 20)
  const frameOf = (family: number): Uint8Array => {
    values = values.map((value) => random.step(value))
    if (family === 0) return compact.encode(values)
    const options = {
      sourceId: random.pick([0, 2, 0xffff_ffff]),
      timestampMs: random.u32(),
      priority: 2,
    } as const
    const entries = values.map((value, nameId) => ({ nameId, value }))
    if (random.chance(0.2)) return standard.encodePlainMulti(entries, options)
    if (random.chance(0.3)) return standard.encodeAdaptiveMulti(entries, options)
    return standard.encode(values[0]!, options)
  }
  return { decoders, frameOf }
}

/** What `bytes` came to, or what the decoder did wrong with them. */
function decodeSafely(decoder: ReferenceDecoder, bytes: Uint8Array): string {
  const before = exportAlcs(decoder.context)
  const result = decoder.decode(bytes)
  if (result.ok) return 'sound'
  const { code, offset } = result.fault
  if (offset < 0 || offset > bytes.length) return `${toHex(bytes)}: wrong offset ${offset}`
  const kept = sameNumbers(exportAlcs(decoder.context), before)
  return kept ? code : `${toHex(bytes)}: wrong state, rejected but observed`
}

describe('hostile input', () => {
  it(`never throws, and a rejected frame leaves no trace: seed ${testSeed}`, () => {
    const seen = new Set<string>()
    let round: ReturnType<typeof bench>
    const failure = firstFailure(100_000, (random, index) => {
      // A new bench now and then keeps the contexts, and so the comparison, small.
      if (index % 100 === 0) round = bench(random)
      const family = random.below(2)
      const frame = round.frameOf(family)
      const bytes = random.chance(0.1) ? random.bytes(random.below(40)) : damaged(random, frame)
      const outcome = decodeSafely(round.decoders[family]!, bytes)
      seen.add(outcome)
      return outcome.includes('wrong ') ? outcome : undefined
    })
    expect(failure).toBeUndefined()
    // The damage reached every corner of the parser.
    expect([...seen].sort()).toEqual([
      'empty',
      'encoding-not-allowed',
      'invalid-checksum',
      'invalid-priority',
      'invalid-varint',
      'no-last-value',
      'no-prediction',
      'sound',
      'trailing-bytes',
      'truncated',
      'unknown-encoding',
      'unknown-pattern',
      'unsupported-version',
      'unused-bits',
      'wrong-family',
    ])
  })
})
