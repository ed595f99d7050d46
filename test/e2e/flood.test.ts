import { describe, expect, it } from 'vitest'
import { percentile } from '../../bench/percentile.js'
import { floodCourse } from '../faults/flood.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { testSeed } from '../support/mulberry.js'
import { assertBuilt } from './program.js'

/** What a device may send by default: so many at once, and so many a second. */
const BURST = 200
const PER_SECOND = 50

describe.skipIf(withoutMosquitto())('a device that floods its line', () => {
  it(`F-19: gets its share and no more, and the others lose nothing and wait no longer (seed ${testSeed})`, async () => {
    assertBuilt()
    const began = performance.now()
    const { rounds, lost, flooding } = await floodCourse({
      flood: 10_000,
      rate: 200,
      devices: 10,
      rounds: 3,
      roundMs: 700,
      turns: ['silence', 'flood'],
      seed: testSeed,
    })
    const seconds = (performance.now() - began) / 1000
    expect(lost).toBe(0)
    expect(flooding.sent).toBeGreaterThan(20_000)
    expect(flooding.published).toBeGreaterThan(PER_SECOND)
    expect(flooding.published).toBeLessThanOrEqual(BURST + PER_SECOND * seconds)
    const p99 = (all: readonly (readonly number[])[]): number[] =>
      all.map((round) => percentile(round, 0.99)).sort((a, b) => a - b)
    // The best of them: what else the machine has to do meets some rounds, a flood all of those that are flooded.
    const [, before = 0] = p99(rounds.silence)
    const [during] = p99(rounds.flood)
    expect(during).toBeLessThan(2 * before + 5)
  }, 60_000)
})
