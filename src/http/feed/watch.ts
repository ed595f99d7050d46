import type { Onlooker } from '../../control/index.js'
import type { DeviceEvent, DeviceSession, Verdict } from '../../device/index.js'
import type { DegradationLevel, Feature, HealthReport } from '../../resilience/index.js'
import { VerdictCounts } from '../metrics/verdict-counts.js'
import type { EventMessage } from './messages.js'
import { Ring } from './ring.js'
import { Trail, type TrailLimits, trailLimits } from './trail.js'

const RECENT_EVENTS = 500
/** Devices that come without being configured share what is left for the others. */
const LEAST_DEVICES = 16

export interface Report {
  readonly health: HealthReport
  readonly degradation: DegradationLevel
  /** What was left undone under pressure since the start. */
  readonly shed: ReadonlyMap<Feature, number>
}

/** What the window remembers of what went by. */
export class Watch implements Onlooker {
  readonly verdicts = new VerdictCounts()
  readonly events = new Ring<EventMessage>(RECENT_EVENTS)
  readonly #limits: TrailLimits
  readonly #trails = new Map<string, Trail>()
  /** Devices of which something is new; undefined while nobody looks. */
  #news: Set<string> | undefined
  #report: Report = {
    health: { status: 'unknown', checks: [] },
    degradation: 'normal',
    shed: new Map(),
  }
  #reports = 0

  /** `devices`: how many there are, which is what memory is divided by. */
  constructor(devices: number) {
    this.#limits = trailLimits(Math.max(devices, LEAST_DEVICES))
  }

  get report(): Report {
    return this.#report
  }

  /** How many reports there have been. */
  get reports(): number {
    return this.#reports
  }

  /** Begins or ends to collect the devices of which something is new. */
  collect(wanted: boolean): void {
    this.#news = wanted ? (this.#news ?? new Set()) : undefined
  }

  /** Up to so many devices of which something is new, those that have waited longest first. */
  takeNews(most: number): string[] {
    const taken: string[] = []
    for (const id of this.#news ?? []) {
      if (taken.length === most) break
      taken.push(id)
      this.#news?.delete(id)
    }
    return taken
  }

  /** Something of this device is new although nothing was heard of it. */
  touch(id: string): void {
    this.#news?.add(id)
  }

  trail(id: string): Trail | undefined {
    return this.#trails.get(id)
  }

  /** Devices that are remembered. */
  known(): IterableIterator<string> {
    return this.#trails.keys()
  }

  forget(id: string): void {
    this.#trails.delete(id)
  }

  onVerdict(verdict: Verdict, session: DeviceSession): void {
    this.verdicts.count(verdict)
    const trail = this.#open(session)
    trail.push(verdict)
    for (const event of verdict.events) this.events.push(trail.note(session.id, event))
    this.#news?.add(session.id)
  }

  onEvent(event: DeviceEvent, session: DeviceSession): void {
    this.verdicts.note(event)
    this.events.push(this.#open(session).note(session.id, event))
    this.#news?.add(session.id)
  }

  onReport(...[health, degradation, shed]: Parameters<Onlooker['onReport']>): void {
    this.#report = { health, degradation, shed }
    this.#reports++
  }

  #open({ id, profile }: DeviceSession): Trail {
    const known = this.#trails.get(id)
    if (known && isSame(known.channels, profile.names)) return known
    // New, or of another model since a reload: what was remembered is of other channels.
    const trail = new Trail(profile.names, this.#limits)
    this.#trails.set(id, trail)
    return trail
  }
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, index) => name === b[index]))
