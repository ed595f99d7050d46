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
