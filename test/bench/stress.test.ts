import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comparisons, courses, withFloors } from '../../bench/stress/courses.js'
import { compare, measure } from '../../bench/stress/measure.js'
import { failuresOf, type StressResult } from '../../bench/stress/verdict.js'
import { ROOT } from '../deployment/unit-file.js'
import { assertBuilt } from '../e2e/program.js'

/** In a process of its own, as it is meant. */
function stress(...args: readonly string[]): { readonly stdout: string; readonly status: number } {
  assertBuilt()
  const script = join(ROOT, 'dist/bench/stress.js')
  const run = [script, '--share', '0.003', '--runs', '1', '--json', ...args]
  const { stdout, status } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  return { stdout, status: status ?? -1 }
}

const LITTLE = { runs: 1, share: 0.003 }
const course = { name: 'encoding', unit: 'messages', least: 1, most: 9 }

describe('the stress', () => {
  it.each(Object.entries(courses))('measures %s', async (name, load) => {
    const { median, floor } = await measure(await load(), LITTLE)
    expect(median > 0 && Number.isFinite(median)).toBe(true)
    expect(floor !== undefined).toBe(withFloors.includes(name))
  })

  it.each(Object.entries(comparisons))('measures %s', async (_name, load) => {
    const { ratio } = await compare(await load(), LITTLE)
    expect(ratio > 0 && Number.isFinite(ratio)).toBe(true)
  })

  it('has the floors that were promised', async () => {
    const floors = withFloors.map(async (name) => [name, (await courses[name]?.())?.floor])
    expect(await Promise.all(floors)).toEqual([
      ['encoding', 100_000],
      ['roundtrip', 50_000],
      ['fleet', 10_000],
    ])
  })

  it('with --only runs one, and says which there are where there is none of that name', () => {
    const { stdout, status } = stress('--only', 'encoding')
    const result: StressResult = JSON.parse(stdout)
    expect([result.courses.map(({ name }) => name), result.comparisons]).toEqual([['encoding'], []])
    expect([status, stress('--only', 'nothing').status]).toEqual([0, 1])
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
