import {
  defaultHealthThresholds,
  gradeHealth,
  type HealthCheck,
  worstHealth,
} from '../resilience/index.js'
import type { SourceState } from './source.js'

/** How the way to the broker is: its link, what waits for it, how long it takes to acknowledge, what it does not take. */
export function publisherCheck(
  state: SourceState,
  queued: number,
  latencyMs: number,
  checkedAt: number,
  rejection: Pick<HealthCheck, 'status' | 'message'> = { status: 'healthy', message: '' },
): HealthCheck {
  const check = { component: 'broker', checkedAt }
  if (state.kind === 'away') {
    const message = `${state.reason} (${state.code}), ${queued} messages wait`
    return { ...check, status: 'unhealthy', message }
  }
  if (state.kind !== 'open') return { ...check, status: 'unknown', message: state.kind }
  const { latencyMs: latency, queueDepth } = defaultHealthThresholds
  const status = worstHealth([
    gradeHealth(latencyMs, latency),
    gradeHealth(queued, queueDepth),
    rejection.status,
  ])
  const pace = `acknowledges in ${Math.round(latencyMs)} ms, ${queued} messages wait`
  const message = rejection.message === '' ? pace : `${pace}; ${rejection.message}`
  return { ...check, status, message, latencyMs }
}
