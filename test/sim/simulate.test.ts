import { describe, expect, it } from 'vitest'
import { leak } from './isolation.js'
import { planOf } from './plan.js'
import { shrink } from './shrink.js'
import { simulate } from './simulation.js'

const SEEDS = 200
// A machine that does nothing else needs a third of the times that are allowed here.
/** Other worlds: `SIM_SEED` in the environment, or `npm run simulate`. */
const first = Number(process.env.SIM_SEED ?? 1)

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => first + i)

describe('the bridge in simulated worlds', () => {
  it(`violates no invariant in ${SEEDS} worlds (SIM_SEED=${first})`, async () => {
    for (const seed of seeds(SEEDS)) {
      const plan = planOf(seed)
      const outcome = await simulate(plan)
      if (!outcome.violation) continue
      const { plan: smallest } = await shrink(plan, outcome, simulate, 30)
      const faults = [...smallest.strengths.keys()].join(', ')
      expect.fail(
        `${outcome.violation.what} (npm run simulate -- --seed ${seed}; faults: ${faults})\n${outcome.trace.slice(-40).join('\n')}`,
      )
    }
  }, 240_000)

  it('the same seed is the same world, to the last byte', async () => {
    for (const seed of seeds(6)) {
      const one = await simulate(planOf(seed))
      const other = await simulate(planOf(seed))
      expect(other.traceHash, `seed ${seed}`).toBe(one.traceHash)
    }
  })

  it('another seed is another world', async () => {
    const hashes = await Promise.all(seeds(1).map((seed) => simulate(planOf(seed))))
    const others = await Promise.all(seeds(1).map((seed) => simulate(planOf(seed + 1))))
    expect(others[0]?.traceHash).not.toBe(hashes[0]?.traceHash)
  })

  it(`I8: no device is felt by another: without it the others say the same (SIM_SEED=${first})`, async () => {
    for (const seed of seeds(24)) expect(await leak(planOf(seed))).toBeUndefined()
  }, 120_000)
})
