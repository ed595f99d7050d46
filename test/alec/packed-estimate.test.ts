import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClosedLoopEstimate } from '../../src/alec/closed-loop-estimate.js'
import { parseResolution } from '../../src/alec/decimal.js'
import { type ChannelEstimate, NumberRow, savedEstimate } from '../../src/alec/index.js'
import { IntervalEstimate } from '../../src/alec/interval-estimate.js'
import { SetEstimate } from '../../src/alec/set-estimate.js'

const resolution = parseResolution('0.1')!
const declared = { min: -40, max: 85, maxStep: 2 }
const encoder = { scale: 100, startsAtZero: true }
const kinds: readonly [string, () => ChannelEstimate][] = [
  ['interval', () => new IntervalEstimate(declared, encoder)],
  ['set', () => new SetEstimate({ ...declared, resolution }, encoder)],
  ['closed-loop', () => new ClosedLoopEstimate({ ...declared, resolution }, encoder)],
]

type Step = (estimate: ChannelEstimate) => void

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: -150, max: 150 }).map(
      (delta): Step =>
        (one) =>
          one.observeDelta(delta),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 190, max: 230 }).map(
      (tenths): Step =>
        (one) =>
          one.observeRaw(tenths / 10, 0),
    ),
  },
  { weight: 3, arbitrary: fc.constant<Step>((one) => one.observeRepeated()) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3 }).map(
      (count): Step =>
        (one) =>
          one.lose(count),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((one) => one.observeNonFinite(Number.NaN)) },
  { weight: 1, arbitrary: fc.constant<Step>((one) => one.observeRaw(-0, 0)) },
  { weight: 1, arbitrary: fc.constant<Step>((one) => one.observeRaw(99, 0)) },
)

const taken = (from: ChannelEstimate, into: ChannelEstimate, how: 'pack' | 'packExact') => {
  const row = new NumberRow()
  if (how === 'pack' || !from.packExact(row)) from.pack(row)
  expect(into.unpack(row, row.length)).toBe(true)
  return row.length
}

describe.each(kinds)('an estimate (%s)', (kind, make) => {
  it('goes on from what another has packed, tightly or not, whatever it was before', () => {
    const before = fc.array(steps, { maxLength: 30 })
    fc.assert(
      fc.property(before, before, steps, (course, others, next) => {
        for (const how of ['pack', 'packExact'] as const) {
          const one = make()
          one.begin()
          for (const step of course) step(one)
          const other = make()
          for (const step of others) step(other)
          taken(one, other, how)
          expect(savedEstimate(other)).toEqual(savedEstimate(one))
          next(one)
          next(other)
          expect(savedEstimate(other)).toEqual(savedEstimate(one))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('takes few numbers where all is known to the bit', () => {
    const one = make()
    one.begin()
    for (const tenths of [200, 201, 203, 202, 204]) one.observeRaw(tenths / 10, 0)
    const expected = { interval: 4, set: 5, 'closed-loop': 19 }[kind]
    expect(taken(one, make(), 'packExact')).toBe(expected)
  })
})
