import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../bench/all/rows.js'
import { rowOf, table } from '../../bench/measurement.js'

describe('a measurement', () => {
  it('is its median, and what it was at least and at most', () => {
    const measured = { name: 'rate', unit: 'messages/s', values: [30_000, 10_000, 20_000] }
    expect(rowOf(measured)).toEqual({
      name: 'rate',
      unit: 'messages/s',
      median: 20_000,
      least: 10_000,
      most: 30_000,
    })
  })

  it('stands in a line of a table, with its target', () => {
    const rows = [
      { name: 'rate', unit: 'messages/s', values: [12_345.6, 9000] },
      { name: 'time', unit: 'µs', values: [0.123], target: '≤ 1' },
    ].map(rowOf)
    expect(table(rows).trimEnd().split('\n')).toEqual([
      'what  median           spread  unit',
      'rate   9,000  9,000 to 12,300  messages/s',
      'time   0.123   0.123 to 0.123  µs (target ≤ 1)',
    ])
  })
})

describe('the bench', () => {
  const row = { name: 'a', unit: 'ms', median: 1, least: 1, most: 1 }

  it('takes the rows of every script', () => {
    expect(rowsOf({ measured: [row] })).toEqual([row])
    const course = { name: 'encoding', unit: 'messages', median: 2, least: 1, most: 3, target: 5 }
    const comparison = { name: 'bounds', ratio: 0.5, most: 1.6 }
    expect(rowsOf({ courses: [course], comparisons: [comparison] })).toEqual([
      { name: 'encoding', unit: 'messages/s', median: 2, least: 1, most: 3, target: '≥ 5' },
      { name: 'bounds', unit: 'times', median: 0.5, least: 0.5, most: 0.5, target: '≤ 1.6' },
    ])
    const fleet = { devices: 10, rssMiB: 90, bytesHeard: 900, nsPerFrame: 4000 }
    expect(rowsOf({ rows: [fleet] }).map(({ name, median }) => [name, median])).toEqual([
      ['10 devices: memory of the process', 90],
      ['10 devices: memory of each', 900],
      ['10 devices: time of a frame', 4000],
    ])
  })

  it('does not pass over what it does not know', () => {
    expect(() => rowsOf({ figures: 1 })).toThrow(TypeError)
  })
})
