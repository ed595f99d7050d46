export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

/** One component's last check. */
export interface HealthCheck {
  /** Stable name: `broker`, `port:<id>`, `event-loop`, `memory`, `queue`, `contexts`, … */
  readonly component: string
  readonly status: HealthStatus
  /** When it was checked, monotonic milliseconds. */
  readonly checkedAt: number
  /** What is wrong and what to do, or what is well. */
  readonly message: string
  readonly latencyMs?: number
}

export interface HealthCheckable {
  healthCheck(now: number): HealthCheck
}

/** Healthy or degraded: still doing its job. */
export const isOk = (status: HealthStatus): boolean => status === 'healthy' || status === 'degraded'

/** Not knowing is worse than knowing that all is well, and better than knowing of a fault. */
const SEVERITY: Readonly<Record<HealthStatus, number>> = Object.freeze({
  healthy: 0,
  unknown: 1,
  degraded: 2,
  unhealthy: 3,
})

/** Above 0 where `a` is worse than `b`, 0 where they are the same. */
export const compareHealth = (a: HealthStatus, b: HealthStatus): number => SEVERITY[a] - SEVERITY[b]

/** The worst of them: unhealthy, degraded, unknown, healthy; unknown where there are none. */
export function worstHealth(statuses: Iterable<HealthStatus>): HealthStatus {
  let worst: HealthStatus | undefined
  for (const status of statuses) {
    if (worst === undefined || compareHealth(status, worst) > 0) worst = status
  }
  return worst ?? 'unknown'
}

/** From these values on, a measured quantity is degraded or unhealthy. */
export interface HealthThreshold {
  readonly degraded: number
  readonly unhealthy: number
}

export const defaultHealthThresholds = Object.freeze({
  latencyMs: Object.freeze({ degraded: 100, unhealthy: 1_000 }),
  queueDepth: Object.freeze({ degraded: 1_000, unhealthy: 10_000 }),
  contextBytes: Object.freeze({ degraded: 10_000_000, unhealthy: 100_000_000 }),
})

/** How healthy a quantity is of which less is better; unknown where it is no number. */
export function gradeHealth(value: number, threshold: HealthThreshold): HealthStatus {
  if (Number.isNaN(value)) return 'unknown'
  if (value >= threshold.unhealthy) return 'unhealthy'
  return value >= threshold.degraded ? 'degraded' : 'healthy'
}
