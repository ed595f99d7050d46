import { type Clock, setRepeating, type Undo } from '../clock.js'
import {
  type Degradation,
  type DegradationLevel,
  defaultDegradationPolicy,
  gradeHealth,
  type HealthCheck,
  type HealthCheckable,
  HealthMonitor,
  type HealthReport,
  nextDegradation,
  normalDegradation,
} from '../resilience/index.js'
import { ABSENCE_MS } from './time-watch.js'

/** How the process is. */
export interface Gauge {
  start(): void
  stop(): void
  /** The longest that the event loop was held up since this was asked last, in milliseconds. */
  loopLagMs(): number
  /** Bytes in use and the limit that the process may reach. */
  memory(): { readonly used: number; readonly limit: number }
}

export interface HealthWatchOptions {
  readonly clock: Clock
  /** What there is to be looked at now. */
  readonly checkables: () => Iterable<HealthCheckable>
  readonly gauge: Gauge
  /** How full the queue to the broker is, 0 … 1. */
  readonly queueFill: () => number
  /** How full the journal is, 0 … 1; NaN where there is none. */
  readonly journalFill: () => number
  readonly onReport: (report: HealthReport, level: DegradationLevel) => void
}

const PERIOD_MS = 5000
/** A door's news waits this long for others, so that many of them make one report. */
const SOON_MS = 250
const LAG_LIMIT_MS = 1000
const LAG: { readonly degraded: number; readonly unhealthy: number } = {
  degraded: 100,
  unhealthy: LAG_LIMIT_MS,
}
/** A full journal is not relieved by readings that are left out once they are in it: nothing heavier than that. */
const JOURNAL_PRESSURE = 0.89
const MEMORY = { degraded: 0.8, unhealthy: 0.95 }

/** Checks every component each five seconds and sets the degradation level by what is under pressure. */
export class HealthWatch {
  readonly #options: HealthWatchOptions
  readonly #monitor = new HealthMonitor()
  #degradation: Degradation
  #undo: Undo | undefined
  #cancelSoon: Undo | undefined

  constructor(options: HealthWatchOptions) {
    this.#options = options
    this.#degradation = normalDegradation(options.clock.mono())
  }

  get level(): DegradationLevel {
    return this.#degradation.level
  }

  report(): HealthReport {
    return this.#monitor.report()
  }

  start(): void {
    this.#undo?.()
    this.#options.gauge.start()
    this.evaluate()
    this.#undo = setRepeating(this.#options.clock, PERIOD_MS, () => this.evaluate())
  }

  stop(): void {
    this.#undo?.()
    this.#undo = undefined
    this.#cancelSoon?.()
    this.#cancelSoon = undefined
    this.#options.gauge.stop()
  }

  /** Forgets doors that are not among these any more. */
  keep(ports: readonly string[]): void {
    for (const { component } of this.#monitor.report().checks) {
      if (component.startsWith('port:') && !ports.includes(component))
        this.#monitor.remove(component)
    }
  }

  /** Looks at the components within a moment, as after a door has opened or been lost. */
  checkSoon(): void {
    if (!this.#undo) return
    const { clock, checkables, onReport } = this.#options
    this.#cancelSoon ??= clock.setTimer(SOON_MS, () => {
      this.#cancelSoon = undefined
      this.#monitor.evaluate(checkables(), clock.mono())
      onReport(this.#monitor.report(), this.level)
    })
  }

  /** Looks at everything now. */
  evaluate(): void {
    const { clock, checkables, gauge, queueFill, journalFill, onReport } = this.#options
    const now = clock.mono()
    this.#monitor.evaluate(checkables(), now)
    const lagMs = gauge.loopLagMs()
    const { used, limit } = gauge.memory()
    this.#monitor.record(lagCheck(lagMs, now))
    this.#monitor.record(memoryCheck(used, limit, now))
    const pressure = {
      queueDepth: queueFill(),
      // Whoever was stopped altogether is not short of time now.
      eventLoopLag: lagMs > ABSENCE_MS ? Number.NaN : lagMs / LAG_LIMIT_MS,
      memory: used / limit,
      journal: Math.min(journalFill(), JOURNAL_PRESSURE),
    }
    this.#degradation = nextDegradation(this.#degradation, pressure, now, defaultDegradationPolicy)
    onReport(this.#monitor.report(), this.#degradation.level)
  }
}

const lagCheck = (lagMs: number, now: number): HealthCheck => ({
  component: 'event-loop',
  status: gradeHealth(lagMs, LAG),
  checkedAt: now,
  message: `held up for at most ${Math.round(lagMs)} ms`,
  latencyMs: lagMs,
})

const memoryCheck = (used: number, limit: number, now: number): HealthCheck => ({
  component: 'memory',
  status: gradeHealth(used / limit, MEMORY),
  checkedAt: now,
  message: `${Math.round(used / 2 ** 20)} of at most ${Math.round(limit / 2 ** 20)} MiB`,
})
