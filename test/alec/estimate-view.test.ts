import { describe, expect, it } from 'vitest'
import { ClosedLoopEstimate } from '../../src/alec/closed-loop-estimate.js'
import { parseResolution } from '../../src/alec/decimal.js'
import {
  type ChannelDeclaration,
  type ChannelEstimate,
  savedEstimate,
} from '../../src/alec/index.js'
import { IntervalEstimate } from '../../src/alec/interval-estimate.js'
import { SetEstimate } from '../../src/alec/set-estimate.js'

const resolution = parseResolution('0.1')!
const declared: ChannelDeclaration = { min: -40, max: 85, maxStep: 2 }
const encoder = { scale: 100, startsAtZero: true }
const kinds: readonly [string, () => ChannelEstimate][] = [
  ['interval', () => new IntervalEstimate(declared, encoder)],
  ['set', () => new SetEstimate({ ...declared, resolution }, encoder)],
  ['closed-loop', () => new ClosedLoopEstimate({ ...declared, resolution }, encoder)],
]

describe.each(kinds)('what an estimate (%s) shows of itself', (kind, make) => {
  it('has no prediction before the first value', () => {
    expect(make().describe()).toMatchObject({
      prediction: undefined,
      observations: { atLeast: 0, exactly: true },
      candidates: 1,
      inForce: { resolution: kind !== 'interval', min: -40, max: 85, maxStep: 2 },
    })
  })

  it('predicts by the last value, from the third on by the average', () => {
    const estimate = make()
    estimate.observeRaw(20, 0)
    expect(estimate.describe().prediction).toMatchObject({ by: 'last', point: 20, lo: 20, hi: 20 })
    estimate.observeRaw(21, 0)
    expect(estimate.describe().prediction).toMatchObject({ by: 'last', point: 21, lo: 21, hi: 21 })
    estimate.observeRaw(21, 0)
    const average = 0.3 * 21 + 0.7 * (0.3 * 21 + 0.7 * 20)
    expect(estimate.describe()).toMatchObject({
      prediction: { by: 'average', point: average, lo: average, hi: average, mayBeNaN: false },
      last: { point: 21, lo: 21, hi: 21 },
      average: { point: average, lo: average, hi: average },
      sensor: kind === 'closed-loop' ? {} : { lo: 21, hi: 21 },
      observations: { atLeast: 3, exactly: true },
      candidates: 1,
    })
  })

  it('is wider after a loss, and changes nothing by being looked at', () => {
    const [watched, alone] = [make(), make()]
    for (const estimate of [watched, alone]) {
      for (const value of [20, 20.1, 20.2]) estimate.observeRaw(value, 0)
    }
    const before = watched.describe()
    watched.lose(1)
    alone.lose(1)
    const after = watched.describe()
    expect(after.average.lo).toBeLessThan(before.average.lo)
    expect(after.average.hi).toBeGreaterThan(before.average.hi)
    expect(after.sensor.lo).toBeCloseTo(18.2, 9)
    expect(after.sensor.hi).toBeCloseTo(22.2, 9)
    expect(after.candidates).toBe(kind === 'set' ? 41 : undefined)
    for (const delta of [3, -4, 10, 0, 2]) {
      watched.observeDelta(delta)
      alone.observeDelta(delta)
      watched.describe()
    }
    expect(savedEstimate(watched)).toEqual(savedEstimate(alone))
  })

  it('shows that a declaration is out of force once a value contradicts it', () => {
    const estimate = make()
    estimate.observeRaw(90, 0)
    expect(estimate.describe().inForce).toMatchObject({ min: -Infinity, max: Infinity, maxStep: 2 })
  })
})

describe.each(kinds)('an estimate (%s) that takes over the encoder’s own state', (kind, make) => {
  it('goes on as one that has followed from the start', () => {
    for (const values of [[20], [20, 20.4], [20, 20.4, 20.5, 20.1, 20.7]]) {
      const [followed, adopted] = [make(), make()]
      let ema = Number.NaN
      for (const [i, value] of values.entries()) {
        followed.observeRaw(value, 0)
        ema = i === 0 ? value : 0.3 * value + 0.7 * ema
      }
      expect(adopted.adopt({ count: values.length, last: values.at(-1)!, ema })).toBe(true)
      expect(adopted.exact).toBe(true)
      for (const delta of [10, -20, 0, 30]) {
        followed.observeDelta(delta)
        adopted.observeDelta(delta)
        expect([adopted.value, adopted.bound]).toEqual([followed.value, followed.bound])
      }
    }
  })

  it('forgets what it knew before', () => {
    const estimate = make()
    for (const value of [20, 20.1, 20.2]) estimate.observeRaw(value, 0)
    estimate.lose(3)
    expect(estimate.adopt({ count: 0, last: 0, ema: 0 })).toBe(true)
    expect(estimate.describe()).toMatchObject({ prediction: undefined, candidates: 1 })
  })

  it.each([
    [{ last: 86, ema: 20 }, 'range'],
    [{ last: 20.53, ema: 20 }, 'resolution'],
  ])('refuses one that contradicts a declaration: %o', (state, contradiction) => {
    if (kind === 'interval' && contradiction === 'resolution') return
    const estimate = make()
    expect(estimate.adopt({ count: 3, ...state })).toBe(false)
    expect(estimate.contradictions[0]).toBe(contradiction)
  })

  it('does not predict from a number that is none', () => {
    const estimate = make()
    const adopted = estimate.adopt({ count: 9, last: 20, ema: Number.NaN })
    expect(adopted).toBe(kind !== 'closed-loop')
    if (!adopted) return
    expect([estimate.poisoned, estimate.exact]).toEqual([true, false])
    expect(estimate.describe().prediction).toBeUndefined()
    estimate.observeDelta(0)
    expect(estimate.bound).toBeGreaterThan(1)
  })
})
