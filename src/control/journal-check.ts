import type { Journal } from '../journal/index.js'
import { gradeHealth, type HealthCheck } from '../resilience/index.js'

const FILL = { degraded: 0.8, unhealthy: 1 }

/** How the journal is; `waiting` entries have not been published. */
export function journalCheck(
  { state, fill, bytes }: Pick<Journal, 'state' | 'fill' | 'bytes'>,
  waiting: number,
  now: number,
): HealthCheck {
  const check = { component: 'journal', checkedAt: now }
  if (state.kind === 'failing') {
    const message = `${state.reason} (${state.code}): what comes now is in memory only`
    return { ...check, status: 'unhealthy', message }
  }
  const share = `${Math.floor(100 * fill)} % full (${bytes} bytes)`
  const message = waiting > 0 ? `${share}, ${waiting} entries wait to be published` : share
  // Full of what has left is no trouble.
  return { ...check, status: gradeHealth(waiting > 0 ? fill : 0, FILL), message }
}
