import { describe, expect, it } from 'vitest'
import type { FaultKind } from './fault-kinds.js'
import { planOf } from './plan.js'
import { type PlantedBug, plantedBugs } from './planted-bugs.js'
import { shrink } from './shrink.js'
import { type Outcome, simulate } from './simulation.js'

const SEEDS = 200

/** Worlds without this fault are as they would be without the bug: they need not be looked at. */
const shownBy: Partial<Readonly<Record<PlantedBug, FaultKind>>> = {
  'deaf-to-refusals': 'rejections',
  'quick-retries': 'rejections',
}

/** The first world that shows a bug, and how many it took. */
async function find(planted: PlantedBug): Promise<{ seed: number; outcome: Outcome } | undefined> {
  const fault = shownBy[planted]
  for (let seed = 1; seed <= SEEDS; seed++) {
    const plan = planOf(seed)
    if (fault && !plan.strengths.has(fault)) continue
    const outcome = await simulate({ ...plan, planted })
    if (outcome.violation) return { seed, outcome }
  }
  return undefined
}

/** Which invariant each of them breaks. */
const broken: Readonly<Record<PlantedBug, RegExp>> = {
  'halved-bounds': /^I1: /,
  'early-acknowledgement': /^I2: .* was acknowledged/,
  'early-checkpoint': /^I2: .* was never delivered/,
  'unbroken-seal': /^I[45]: /,
  'deaf-to-refusals': /^I(?:2: .* was never delivered|4: .* leaves while )/,
  'quick-retries': /^I4: .* leaves while /,
}

describe('the simulator', () => {
  for (const planted of plantedBugs) {
    it(`finds ${planted} in less than ${SEEDS} worlds`, async () => {
      const outcome = (await find(planted))?.outcome
      expect(outcome?.violation?.what).toMatch(broken[planted])
      // What would follow from it is not said.
      expect(outcome?.trace.filter((line) => line.includes('VIOLATION'))).toHaveLength(1)
    }, 120_000)
  }

  it('shrinks the world that shows a bug to one that is no bigger and shows it too', async () => {
    const found = await find('halved-bounds')
    if (!found) throw new Error('not found')
    const plan = { ...planOf(found.seed), planted: 'halved-bounds' } as const
    const smallest = await shrink(plan, found.outcome, simulate, 60)
    expect(smallest.outcome.violation?.what).toMatch(/^I1: /)
    expect(smallest.plan.devices).toHaveLength(1)
    expect(smallest.plan.strengths.size).toBeLessThanOrEqual(1)
    const again = await simulate(smallest.plan)
    expect(again.traceHash).toBe(smallest.outcome.traceHash)
  })
})
