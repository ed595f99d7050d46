import type { Plan } from './plan.js'
import type { Outcome } from './simulation.js'
import { simulate } from './simulation.js'

export interface Shrunk {
  readonly plan: Plan
  readonly outcome: Outcome
  /** Worlds that were tried. */
  readonly tries: number
}

const invariantOf = (outcome: Outcome): string | undefined =>
  outcome.violation && (/^I\d+/.exec(outcome.violation.what)?.[0] ?? 'broken')

/**
 * Looks for a smaller world that violates the same invariant: fewer devices, fewer kinds of faults,
 * less time. Every try starts again from the same seed, so what is left reproduces.
 */
export async function shrink(
  first: Plan,
  failed: Outcome,
  run: (plan: Plan) => Promise<Outcome> = simulate,
  mostTries = 200,
): Promise<Shrunk> {
  const invariant = invariantOf(failed)
  let best: Shrunk = { plan: first, outcome: failed, tries: 0 }
  let tries = 0
  for (let smaller = true; smaller; ) {
    smaller = false
    for (const plan of candidates(best.plan)) {
      if (tries++ >= mostTries) return { ...best, tries }
      const outcome = await run(plan)
      if (invariantOf(outcome) !== invariant) continue
      best = { plan, outcome, tries }
      smaller = true
      break
    }
  }
  return { ...best, tries }
}

function* candidates(plan: Plan): Generator<Plan> {
  const { devices, strengths, horizonMs } = plan
  for (const half of halves(devices)) yield { ...plan, devices: half }
  if (devices.length <= 4 && devices.length > 1) {
    for (const one of devices) yield { ...plan, devices: devices.filter((each) => each !== one) }
  }
  for (const kind of strengths.keys()) {
    const fewer = new Map(strengths)
    fewer.delete(kind)
    yield { ...plan, strengths: fewer }
  }
  const least = Math.max(...devices.map(({ node }) => node.intervalMs))
  if (horizonMs / 2 > least) yield { ...plan, horizonMs: Math.round(horizonMs / 2) }
}

function halves<T>(all: readonly T[]): (readonly T[])[] {
  if (all.length < 2) return []
  const middle = all.length >> 1
  return [all.slice(0, middle), all.slice(middle)]
}
