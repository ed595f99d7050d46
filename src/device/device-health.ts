import {
  compareHealth,
  defaultSteadyHealthPolicy,
  type HealthStatus,
  nextHealth,
  type SteadyHealth,
  unknownHealth,
} from '../resilience/index.js'
import { type Assessment, assess, type DeviceFacts, HEALTHY, UNHEARD } from './assessment.js'
import type { Cause, DeviceEvent } from './event.js'
import type { Parcel } from './parcel.js'

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** What is said of nearly all devices. */
const USUAL: readonly Assessment[] = [HEALTHY, UNHEARD]
const STATUSES: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy', 'unknown']

/** Health gets better by evaluations this far apart. */
const EVALUATION_MS = 5000

/** How a device is, said steadily: worse shows at once, better only after several evaluations. */
export class DeviceHealth {
  #health: SteadyHealth
  #evaluatedAt = Number.NEGATIVE_INFINITY
  #assessment: Assessment = UNHEARD
  #since: number

  constructor(born: Moment) {
    this.#health = unknownHealth(born.mono)
    this.#since = born.wall
  }

  /** As it is of a device that is new. */
  begin(born: Moment): void {
    this.#health = unknownHealth(born.mono)
    this.#since = born.wall
    this.#evaluatedAt = Number.NEGATIVE_INFINITY
    this.#assessment = UNHEARD
  }

  /** Nothing but facts changes it: it is what was judged last, and was not about to get better. */
  get isSettled(): boolean {
    const { kind, status } = this.#health
    return kind === 'settled' && status === this.#assessment.health
  }

  pack(parcel: Parcel): void {
    const health = this.#health
    const isSettled = health.kind === 'settled'
    parcel.put(this.#evaluatedAt)
    parcel.put(this.#since)
    const isWell = isSettled && health.status === 'healthy' && this.#assessment === HEALTHY
    parcel.putFlag(isWell)
    if (isWell) {
      parcel.put(health.since)
      return
    }
    parcel.putAside(isSettled ? undefined : health)
    if (isSettled) {
      parcel.put(STATUSES.indexOf(health.status))
      parcel.put(health.since)
    }
    const usual = USUAL.indexOf(this.#assessment)
    parcel.put(usual + 1)
    if (usual >= 0) return
    const { health: assessed, cause, message } = this.#assessment
    parcel.put(STATUSES.indexOf(assessed))
    parcel.putText(cause ?? '')
    parcel.putText(message)
  }

  unpack(parcel: Parcel): void {
    this.#evaluatedAt = parcel.take()
    this.#since = parcel.take()
    if (parcel.takeFlag()) {
      this.#health = { kind: 'settled', status: 'healthy', since: parcel.take() }
      this.#assessment = HEALTHY
      return
    }
    const improving = parcel.takeAside<SteadyHealth>()
    this.#health = improving ?? {
      kind: 'settled',
      status: STATUSES[parcel.take()] ?? 'unknown',
      since: parcel.take(),
    }
    this.#assessment = USUAL[parcel.take() - 1] ?? unpackAssessment(parcel)
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
  evaluate(
    facts: DeviceFacts,
    { mono, wall, sweptAt = Number.NEGATIVE_INFINITY }: Moment & { readonly sweptAt?: number },
  ): DeviceEvent | undefined {
    // Evaluations that would have changed nothing and did not take place count all the same.
    const left = Math.floor((sweptAt - this.#evaluatedAt) / EVALUATION_MS)
    if (left > 0 && Number.isFinite(left)) this.#evaluatedAt += left * EVALUATION_MS
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

function unpackAssessment(parcel: Parcel): Assessment {
  const health = STATUSES[parcel.take()] ?? 'unknown'
  const cause = parcel.takeText()
  return { health, cause: cause === '' ? null : (cause as Cause), message: parcel.takeText() }
}
