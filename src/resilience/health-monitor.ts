import { type HealthCheck, type HealthCheckable, type HealthStatus, worstHealth } from './health.js'

/** A copy of all that is known, safe to keep. */
export interface HealthReport {
  readonly status: HealthStatus
  /** One per component, by name. */
  readonly checks: readonly HealthCheck[]
}

/** Keeps the last check of each component; the system is as well as its worst component. */
export class HealthMonitor {
  readonly #checks = new Map<string, HealthCheck>()

  /** Replaces the component's earlier check. */
  record(check: HealthCheck): void {
    this.#checks.set(check.component, check)
  }

  /** Checks each of them now, monotonic milliseconds. */
  evaluate(checkables: Iterable<HealthCheckable>, now: number): void {
    for (const checkable of checkables) this.record(checkable.healthCheck(now))
  }

  /** Forgets a component that is gone; true where there was one. */
  remove(component: string): boolean {
    return this.#checks.delete(component)
  }

  checkOf(component: string): HealthCheck | undefined {
    return this.#checks.get(component)
  }

  /** The worst of all components; unknown where there are none. */
  get status(): HealthStatus {
    return worstHealth(Array.from(this.#checks.values(), (check) => check.status))
  }

  report(): HealthReport {
    const checks = [...this.#checks.values()]
    return { status: this.status, checks: checks.sort(byComponent) }
  }
}

/** The report for people: the system first, then one line per check. */
export function formatHealthReport(report: HealthReport): string {
  const lines = report.checks.map((check) => {
    const latency = check.latencyMs === undefined ? '' : ` (${Math.round(check.latencyMs)} ms)`
    return `${check.component}: ${check.status}${latency}${check.message && ` - ${oneLine(check.message)}`}`
  })
  return [`system: ${report.status}`, ...lines].join('\n')
}

/** A message may quote what a device or a port said; a check stays one line all the same. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const byComponent = (a: HealthCheck, b: HealthCheck): number =>
  a.component < b.component ? -1 : Number(a.component > b.component)
