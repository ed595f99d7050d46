import { describe, expect, it } from 'vitest'
import { dissectFrame, type FrameShape, ParsedFrame, parseFrame } from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, vectors } from '../support/vectors.js'
import { damaged, firstFailure } from './random.js'

interface Sample {
  readonly bytes: Uint8Array
  readonly shape: FrameShape
}

const standard = (checksum: boolean): FrameShape => ({ family: 'standard', checksum })
const samples: readonly Sample[] = [
  ...vectors.compact().flatMap(({ channels, rows }) =>
    rows.slice(0, 60).map(({ frame }) => ({
      bytes: fromHex(frame),
      shape: { family: 'compact', channels } as const,
    })),
  ),
  ...vectors
    .standardSingle()
    .flatMap(({ checksum, rows }) =>
      rows
        .slice(0, 60)
        .map(([, , , , frame]) => ({ bytes: fromHex(frame), shape: standard(checksum) })),
    ),
  ...vectors
    .standardPlainMulti()
    .map(({ frame }) => ({ bytes: fromHex(frame), shape: standard(false) })),
  ...vectors
    .standardAdaptiveMulti()
    .flatMap(({ rows }) =>
      rows.slice(0, 60).map(({ frame }) => ({ bytes: fromHex(frame), shape: standard(false) })),
    ),
]

/** What is wrong with a frame's anatomy, if anything is. */
function flaw({ bytes, shape }: Sample): string | undefined {
  const { fields, frame, fault } = dissectFrame(bytes, shape)
  let at = 0
  for (const { offset, length } of fields) {
    if (offset !== at) return `a field at ${offset} after ${at}`
    at += length
  }
  if (at !== bytes.length) return `${at} of ${bytes.length} bytes taken`
  const expected = new ParsedFrame()
  if (JSON.stringify(parseFrame(bytes, shape, expected)) !== JSON.stringify(fault))
    return 'another fault than the parser finds'
  if (fault) return undefined
  if (fields.some(({ name }) => name === 'rest')) return 'a rest of a whole frame'
  const values = fields.filter(({ name }) => name === 'value')
  if (values.length !== expected.count) return `${values.length} values of ${expected.count}`
  for (const { entry = -1, offset, value } of values) {
    if (offset !== expected.offsets[entry]) return `entry ${entry} at ${offset}`
    if (!Object.is(value, expected.numbers[entry])) return `entry ${entry} is ${value}`
  }
  const head = (name: string) => fields.find((field) => field.name === name)?.value
  if (head('sequence') !== frame.sequence || head('context version') !== frame.version)
    return 'another head'
  return undefined
}

describe('taking frames apart field by field', () => {
  it('takes every byte of every vector, in order, to what the parser makes of it', () => {
    expect(samples.length).toBeGreaterThan(1000)
    for (const [i, sample] of samples.entries()) expect(flaw(sample), `sample ${i}`).toBeUndefined()
  })

  it(`takes every byte of damaged frames, and finds the parser's fault: seed ${testSeed}`, () => {
    const faults = new Set<string>()
    const failure = firstFailure(50_000, (random, index) => {
      const sample = samples[index % samples.length]!
      const bytes = damaged(random, sample.bytes)
      const { fault } = dissectFrame(bytes, sample.shape)
      if (fault) faults.add(fault.code)
      return flaw({ ...sample, bytes })
    })
    expect(failure).toBeUndefined()
    expect([...faults]).toEqual(
      expect.arrayContaining(['truncated', 'trailing-bytes', 'unknown-encoding', 'wrong-family']),
    )
  })

  const names = (hex: string, shape: FrameShape) =>
    dissectFrame(fromHex(hex), shape).fields.map(({ name, meaning }) => `${name}: ${meaning}`)

  it('names the fields of a pattern with a delta', () => {
    expect(names('4200010000000000000507218703fe', standard(false)).slice(4)).toEqual([
      'source id: 7',
      'encoding: patternDelta',
      'value: patternDelta 391 -2',
    ])
  })

  it('names the parts of a message that is no data', () => {
    expect(names('480001000000000000051000', standard(false))).toEqual([
      'type: protocol 1, sync, P1',
      'sequence: 1',
      'timestamp: 0 Unix seconds',
      'context version: 5, the low 24 bits, before this frame',
      'payload: of a sync message',
    ])
  })

  it('keeps four channels to a byte of the bitmap', () => {
    const shape = { family: 'compact', channels: 5 } as const
    expect(names('a10001000ae40301000241a00000c1a00000', shape)).toEqual([
      'marker: compact data frame',
      'sequence: 1',
      'context version: 10, the low 16 bits, before this frame',
      'bitmap: channel 1 repeated, 2 delta8, 3 delta16, 4 raw32',
      'bitmap: channel 5 raw32',
      'value: repeated',
      'value: delta8 +1',
      'value: delta16 +2',
      'value: raw32 20',
      'value: raw32 -20',
    ])
  })

  it('leaves what begins as no frame of the family in one piece', () => {
    expect(names('0102030405', standard(false))).toEqual(['rest: not taken apart'])
  })
})
