import {
  compareHealth,
  defaultSteadyHealthPolicy,
  type HealthStatus,
  nextHealth,
  type SteadyHealth,
  unknownHealth,
} from '../resilience/index.js'
import { type Assessment, assess, type DeviceFacts } from './assessment.js'
import type { DeviceEvent } from './event.js'

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** Health gets better by evaluations this far apart. */
const EVALUATION_MS = 5000

/** How a device is, said steadily: worse shows at once, better only after several evaluations. */
export class DeviceHealth {
  #health: SteadyHealth
  #evaluatedAt = Number.NEGATIVE_INFINITY
  #assessment: Assessment = { health: 'unknown', cause: null, message: 'nothing received yet' }
  #since: number

  constructor(born: Moment) {
    this.#health = unknownHealth(born.mono)
    this.#since = born.wall
  }

  get status(): HealthStatus {
    return this.#health.status
  }

  /** Since when it is so, Unix milliseconds. */
  get since(): number {
    return this.#since
  }

  /** As it was judged last, before any damping. */
  get assessment(): Assessment {
    return this.#assessment
  }

  /** Judges the facts of now; the event of a change, where there is one. */
  evaluate(facts: DeviceFacts, { mono, wall }: Moment): DeviceEvent | undefined {
    this.#assessment = assess(facts)
    const { status } = this.#health
    const due = mono - this.#evaluatedAt >= EVALUATION_MS
    const worse = compareHealth(this.#assessment.health, status) > 0
    if (!due && !worse && status !== 'unknown') return undefined
    if (due) this.#evaluatedAt = mono
    this.#health = nextHealth(
      this.#health,
      this.#assessment.health,
      mono,
      defaultSteadyHealthPolicy,
    )
    const to = this.#health.status
    if (to === status) return undefined
    this.#since = wall
    const severity = to === 'healthy' ? 'info' : 'warning'
    return { wall, severity, type: 'health_changed', from: status, to }
  }
}
