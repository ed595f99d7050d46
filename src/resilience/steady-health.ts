import { compareHealth, type HealthStatus } from './health.js'

/**
 * A health that does not flap: worse is believed at once, better only after several evaluations in a row.
 * Times are monotonic milliseconds.
 */
export type SteadyHealth = SettledHealth | ImprovingHealth

export interface SettledHealth {
  readonly kind: 'settled'
  readonly status: HealthStatus
  /** Since when the status is what it is. */
  readonly since: number
}

export interface ImprovingHealth {
  readonly kind: 'improving'
  readonly status: HealthStatus
  readonly since: number
  /** Evaluations in a row that were better than `status`. */
  readonly evaluations: number
  /** The worst of these evaluations: what the status becomes when they are enough. */
  readonly towards: HealthStatus
}

export interface SteadyHealthPolicy {
  readonly betterAfterEvaluations: number
}

/** With an evaluation every 5 s, an improvement shows after 10 to 15 s. */
export const defaultSteadyHealthPolicy: SteadyHealthPolicy = Object.freeze({
  betterAfterEvaluations: 3,
})

export const unknownHealth = (now: number): SettledHealth => settled('unknown', now)

/** The health after one evaluation; the same object where nothing changed. */
export function nextHealth(
  health: SteadyHealth,
  evaluated: HealthStatus,
  now: number,
  policy: SteadyHealthPolicy,
): SteadyHealth {
  if (evaluated === health.status) {
    return health.kind === 'settled' ? health : settled(health.status, health.since)
  }
  // To learn something where nothing was known is no improvement that could be premature.
  const believed = health.status === 'unknown' || compareHealth(evaluated, health.status) > 0
  if (believed) return settled(evaluated, now)

  const before = health.kind === 'improving' ? health : { evaluations: 0, towards: evaluated }
  const evaluations = before.evaluations + 1
  const towards = compareHealth(evaluated, before.towards) > 0 ? evaluated : before.towards
  if (evaluations >= policy.betterAfterEvaluations) return settled(towards, now)
  return { kind: 'improving', status: health.status, since: health.since, evaluations, towards }
}

const settled = (status: HealthStatus, since: number): SettledHealth => ({
  kind: 'settled',
  status,
  since,
})
