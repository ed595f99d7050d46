import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { catalogue, untested } from '../../bench/report/catalogue.js'
import { documentOf, type Result } from '../../bench/report/document.js'
import { promises } from '../../bench/report/promises.js'

const faults = catalogue(fileURLToPath(new URL('../../', import.meta.url)))
const RESULT: Result = {
  command: 'node dist/bench/kills.js --kills 100',
  ok: true,
  form: 'full',
  load: 0.5,
  at: '2026-11-27T00:00:00.000Z',
  tookS: 60,
  machine: 'machine × 2',
  figures: { lost: 0, seed: 7 },
  failures: [],
}
const rowOf = (result: Partial<Result>) =>
  documentOf(promises, { kills: { ...RESULT, ...result } }, faults, untested)
    .split('\n')
    .find((line) => line.includes('--kills 100'))

describe('the catalogue of faults', () => {
  it('has 55 of them, each with a test that carries its number or a reason why there is none', () => {
    expect(faults).toHaveLength(55)
    const silent = faults.filter(({ number, tests }) => tests.length === 0 && !untested[number])
    expect(silent.map(({ number }) => number)).toEqual([])
  })

  it('gives no reason where there is a test', () => {
    const stale = faults.filter(({ number, tests }) => tests.length > 0 && untested[number])
    expect(stale.map(({ number }) => number)).toEqual([])
  })

  it('finds the tests of a fault by their names, also where those begin with another', () => {
    const of = (wanted: string) => faults.find(({ number }) => number === wanted)?.tests ?? []
    expect(of('F-28').some((name) => name.startsWith('e2e/disk.test.ts: F-42, F-28'))).toBe(true)
  })
})

describe('the reliability report', () => {
  it('says what was done, on what, and what came of it', () => {
    expect(rowOf({})).toContain('| held | lost 0, seed 7 | `node dist/bench/kills.js --kills 100`')
    expect(rowOf({})).toContain('2026-11-27, 60 s, machine × 2, load 0.5')
  })

  it('never hides a promise that failed, was tried in short only, or was not put to the test', () => {
    expect(rowOf({ ok: false, failures: ['lost: n 1'] })).toContain('**failed**: lost: n 1')
    expect(rowOf({ form: 'short' })).toContain('short form only')
    const notRun = documentOf(promises, {}, faults, untested).split('**not run**')
    expect(notRun).toHaveLength(promises.length + 1)
  })

  it('holds figures against what was promised where the script itself does not', () => {
    const against = (name: string, figures: object) =>
      promises.find((promised) => promised.name === name)?.against?.({ ...figures })
    expect(against('attacks', { worstP99Ratio: 1.5, mostGrowthMiB: 3 })).toEqual([])
    expect(against('attacks', { worstP99Ratio: 2.5, mostGrowthMiB: 3 })).toHaveLength(1)
    // What is not said is not held.
    expect(against('leak', {})).toHaveLength(1)
    expect(against('full-disk', { passed: 0, failed: 0 })).toHaveLength(1)
  })
})
