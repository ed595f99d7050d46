import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comparisons, courses } from '../../bench/stress/courses.js'
import { failuresOf, type StressResult } from '../../bench/stress/verdict.js'
import { ROOT } from '../deployment/unit-file.js'
import { assertBuilt } from '../e2e/program.js'

function stress(...args: readonly string[]): StressResult {
  assertBuilt()
  const script = join(ROOT, 'dist/bench/stress.js')
  const run = [script, '--share', '0.003', '--runs', '1', '--json', ...args]
  const { stdout } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  return JSON.parse(stdout)
}

const course = { name: 'encoding', unit: 'messages', least: 1, most: 9 }

describe('the stress', () => {
  it('runs every course and every comparison, and measures something', () => {
    const result = stress()
    expect(result.courses.map(({ name }) => name)).toEqual(courses.map(({ name }) => name))
    expect(result.comparisons.map(({ name }) => name)).toEqual(comparisons.map(({ name }) => name))
    const rates = result.courses.map(({ median }) => median)
    expect(rates.every((rate) => rate > 0 && Number.isFinite(rate))).toBe(true)
    expect(result.comparisons.every(({ ratio }) => ratio > 0)).toBe(true)
  })

  it('with --floors runs only the courses that have one, and the comparisons', () => {
    const result = stress('--floors')
    expect(result.courses.map(({ name, floor }) => [name, floor])).toEqual([
      ['encoding', 100_000],
      ['roundtrip', 50_000],
      ['fleet', 10_000],
    ])
    expect(result.comparisons).toHaveLength(comparisons.length)
  })

  it('fails below a floor, not below a target', () => {
    const slow = { ...course, median: 99_999, floor: 100_000, target: 5_000_000 }
    const enough = { ...slow, median: 100_000 }
    expect(failuresOf({ courses: [enough], comparisons: [] })).toEqual([])
    expect(failuresOf({ courses: [slow], comparisons: [] })).toEqual([
      'encoding: 99,999 messages/s, at least 100,000 must be reached',
    ])
  })

  it('fails above a ratio', () => {
    const compared = (ratio: number) => ({ name: 'bounds', ratio, most: 1.6 })
    expect(failuresOf({ courses: [], comparisons: [compared(1.6)] })).toEqual([])
    expect(failuresOf({ courses: [], comparisons: [compared(1.61)] })).toEqual([
      'bounds: 1.61 times as long, at most 1.6 is allowed',
    ])
  })

  it('fails where nothing was measured', () => {
    const none = { ...course, median: Number.NaN, floor: 1 }
    expect(failuresOf({ courses: [none], comparisons: [] })).toHaveLength(1)
    const nothing = { name: 'bounds', ratio: Number.NaN, most: 2 }
    expect(failuresOf({ courses: [], comparisons: [nothing] })).toHaveLength(1)
  })
})
