import { describe, expect, it } from 'vitest'
import { chartData, isolated, rangeOf } from '../../src/page/device/chart-data.js'
import { joined, type Points } from '../../src/page/store/device-store.js'

const points = (
  seq: readonly number[],
  values: readonly (number | null)[],
  bounds: readonly (number | null)[],
  qualities: string,
): Points => ({
  at: seq.map((n) => n * 1000),
  epoch: seq.map(() => 1),
  seq,
  channels: [{ values, bounds, qualities }],
})

describe('a chart', () => {
  it('draws good values as a line that breaks where there is none', () => {
    const data = chartData(points([0, 1, 2, 3], [1, 2, null, 4], [0, 0, null, 0], 'gu-g'), 0)
    expect(data.good).toEqual([1, null, null, 4])
    expect(data.uncertain).toEqual([null, 2, null, null])
  })

  it('has a band where a bound is not 0: half way to the neighbours, no further than a usual interval', () => {
    const data = chartData(points([0, 1, 2, 10], [1, 2, 3, 4], [0.5, 1, 0, 0.5], 'gugg'), 0)
    expect(data.bands).toEqual([
      { from: -0.75, to: 0.5, quality: 'good', lo: 0.5, hi: 1.5 },
      { from: 0.5, to: 1.5, quality: 'uncertain', lo: 1, hi: 3 },
      { from: 9.25, to: 10.75, quality: 'good', lo: 3.5, hi: 4.5 },
    ])
  })

  it('shows from top to bottom what nobody knows', () => {
    const data = chartData(points([0, 1], [1, null], [null, null], 'ub'), 0)
    expect(data.bands.map(({ quality, lo, hi }) => [quality, lo, hi])).toEqual([
      ['uncertain', null, null],
      ['bad', null, null],
    ])
  })

  it('marks where frames are missing and where the device began anew', () => {
    const restarted = { ...points([0, 1, 4, 0], [1, 1, 1, 1], [0, 0, 0, 0], 'gggg') }
    const data = chartData({ ...restarted, epoch: [1, 1, 1, 2], at: [0, 1000, 4000, 5000] }, 0)
    expect(data.breaks).toEqual([
      { at: 2.5, kind: 'gap' },
      { at: 4.5, kind: 'epoch' },
    ])
  })

  it('shows all values with their bounds, and is not flattened by a bound that is very wide', () => {
    const [lo, hi] = rangeOf(chartData(points([0, 1], [10, 12], [0, 1], 'gu'), 0))
    expect(lo).toBeLessThan(10)
    expect(hi).toBeGreaterThan(13)
    const [least, most] = rangeOf(chartData(points([0, 1, 2], [10, 12, 11], [0, 0, 1e6], 'ggu'), 0))
    expect(most - least).toBeLessThan(30)
    const [below, above] = rangeOf(chartData(points([0], [7], [0], 'g'), 0))
    expect([below < 7, above > 7]).toEqual([true, true])
    expect(rangeOf(chartData(points([], [], [], ''), 0))).toEqual([0, 1])
  })

  it('keeps the dots of points that have no line', () => {
    expect(isolated([1, null, 2, 3, null, undefined, 4])).toEqual([0, 6])
  })
})

it('points that come are put after those that are there, the oldest making room', () => {
  const before = points([0, 1], [1, 2], [0, 0], 'gg')
  expect(joined(before, points([2], [3], [0.5], 'u'))).toEqual(
    points([0, 1, 2], [1, 2, 3], [0, 0, 0.5], 'ggu'),
  )
  const many = Array.from({ length: 4000 }, (_, i) => i)
  const full = points(many, many, many, 'g'.repeat(4000))
  const { seq, channels } = joined(full, points([4000], [7], [0], 'u'))
  expect([seq.length, seq[0], seq.at(-1)]).toEqual([4000, 1, 4000])
  expect(channels[0]?.qualities).toBe(`${'g'.repeat(3999)}u`)
})
