import { type Clock, isClockSet, type Undo } from '../clock.js'
import type { Configuration } from '../config/index.js'
import {
  type DeviceEvent,
  type DeviceSession,
  DueTimes,
  type Fleet,
  type Verdict,
} from '../device/index.js'
import type { DroppedEntry } from '../journal/index.js'
import type { Log } from '../log.js'
import {
  type BridgeTopics,
  bridgeDevices,
  bridgeInfo,
  bridgeStatus,
  DeviceVoice,
  defaultStatusFlowPolicy,
  type Publication,
  type Shedder,
  snapshotPublications,
  type VoiceOptions,
} from '../outputs/index.js'
import type { HealthReport } from '../resilience/index.js'
import type { Source } from '../transport/index.js'
import { EventLog } from './event-log.js'
import type { KeyframeRequests, SentRequest } from './keyframe-requests.js'
import { lineFacts, lineStates } from './line-facts.js'
import { NoiseLog } from './noise-log.js'
import { type Onlooker, shielded } from './onlooker.js'

export interface FleetOutputsOptions {
  readonly configuration: Configuration
  readonly version: string
  readonly clock: Clock
  readonly topics: BridgeTopics
  readonly shedder: Shedder
  readonly log: Log
  readonly fleet: Fleet
  readonly sources: readonly Source[]
  readonly publish: (publication: Publication) => void
  readonly requests: KeyframeRequests
  /** Publications that never arrived, by reason. */
  readonly lost?: () => Readonly<Record<string, number>>
  /** Sees all of it, whether the broker is there or not. */
  readonly onlooker?: Onlooker | undefined
}

const SNAPSHOT_MS = 60_000
const LATEST_UNKNOWN = 20
/** So many statuses are said in a row: frames come in between. */
const MOST_STATUSES = 1000

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** Everything that the bridge publishes, and when: readings and events at once, status when it is time. */
export class FleetOutputs {
  readonly #options: FleetOutputsOptions
  readonly #voiceOptions: VoiceOptions
  readonly #voices = new Map<string, DeviceVoice>()
  readonly #eventLog: EventLog
  readonly #noiseLog: NoiseLog
  readonly #onlooker: Onlooker | undefined
  /** When there is something to say of a device to which nothing happens. */
  readonly #due = new DueTimes()
  #cancelRest: Undo = () => {}
  #report: HealthReport = { status: 'unknown', checks: [] }
  #snapshotAt = Number.NEGATIVE_INFINITY
  #snapshotChunks = 0
  #unknownTold = 0

  constructor(options: FleetOutputsOptions) {
    const { configuration, shedder } = options
    this.#options = options
    this.#eventLog = new EventLog(options.log, options.clock)
    this.#noiseLog = new NoiseLog(options.log, options.clock)
    this.#onlooker = options.onlooker && shielded(options.onlooker, options.log)
    this.#voiceOptions = {
      baseTopic: configuration.baseTopic,
      bridge: configuration.bridge.id,
      shedsReadings: configuration.cluster === undefined,
      keysOf: configuration.cluster?.group ?? configuration.bridge.id,
      readings: configuration.outputs,
      statusFlow: { ...defaultStatusFlowPolicy, refreshMs: configuration.status.intervalMs },
      shedder,
    }
  }

  /** What of a verdict must arrive, in this order. */
  delivery(verdict: Verdict, session: DeviceSession): readonly Publication[] {
    return this.#voice(session).delivery(verdict)
  }

  /** All else of a verdict: what happened, and whether the device has to be asked for help. */
  aside(verdict: Verdict, session: DeviceSession): void {
    this.#onlooker?.onVerdict(verdict, session)
    this.#tell(verdict, session)
    if (verdict.kind !== 'readings') return
    const { requests } = this.#options
    if (verdict.wantsKeyframe) this.#tellRequests(requests.ask(session, verdict.frame))
    else requests.settle(session)
  }

  #tellRequests(sent: readonly SentRequest[]): void {
    for (const { session, event } of sent) this.event(event, session)
  }

  #tell(verdict: Verdict, session: DeviceSession): void {
    if (verdict.events.length === 0) return
    for (const event of verdict.events) this.#eventLog.write(session.id, event)
    for (const publication of this.#voice(session).events(verdict.events))
      this.#options.publish(publication)
    // Something happened: the status follows at once, where it is not too early.
    this.#sayStatus(session, this.#now())
  }

  /** The record of readings that a limit dropped; none where nobody knows the device any more. */
  dropped({ device, wall, fromKey, toKey, count, reason }: DroppedEntry): readonly Publication[] {
    const session = this.#options.fleet.session(device)
    if (!session) return []
    const what = { wall, severity: 'warning', type: 'readings_dropped' } as const
    const event = { ...what, fromKey, toKey, count, reason }
    this.#onlooker?.onEvent(event, session)
    return [this.#voice(session).dropped(event)]
  }

  event(event: DeviceEvent, session: DeviceSession): void {
    this.#onlooker?.onEvent(event, session)
    this.#eventLog.write(session.id, event)
    for (const publication of this.#voice(session).events([event]))
      this.#options.publish(publication)
  }

  /** A device was taken in that nobody configured. */
  accepted(session: DeviceSession): void {
    const { topics, publish } = this.#options
    publish(bridgeDevices(topics, this.#devices()))
    for (const publication of this.#birthOf(session)) publish(publication)
  }

  /** Lets time pass in every room and says what is new; for `deafMs` of it nothing could be heard. */
  sweep(deafMs = 0): void {
    const { sources, requests } = this.#options
    const now = this.#now()
    this.#look(now, deafMs, () => {
      this.#tellRequests(requests.send(now))
      this.#noiseLog.look(sources)
    })
    if (now.mono - this.#snapshotAt >= SNAPSHOT_MS) {
      for (const publication of this.#snapshot(now)) this.#options.publish(publication)
    }
  }

  /** A device is another bridge's from now on. */
  forget(device: string): void {
    this.#voices.delete(device)
    this.#options.requests.forget(device)
  }

  /** Looks at whom time may have changed and says what is new of them: many in several goes. */
  #look(now: Moment, deafMs: number, meanwhile = () => {}): void {
    this.#cancelRest()
    const { fleet, sources, clock } = this.#options
    const around = { ...now, clockSynced: isClockSet(now.wall), deafMs, lines: lineStates(sources) }
    const looked: DeviceSession[] = []
    const isDone = fleet.sweep(
      around,
      lineFacts(sources),
      (session, event) => this.event(event, session),
      (session) => looked.push(session),
    )
    meanwhile()
    for (const session of looked) this.#sayStatus(session, now)
    if (this.#sayWhatIsDue(now) && isDone) return
    this.#cancelRest = clock.setTimer(0, () => this.#look(this.#now(), 0))
  }

  /** False where something is left to be said. */
  #sayWhatIsDue(now: Moment): boolean {
    let left = MOST_STATUSES
    let seat = this.#due.next(0, now.mono)
    for (; seat >= 0 && left > 0; left--) {
      const session = this.#options.fleet.sessionAt(seat)
      if (session) this.#sayStatus(session, now)
      else this.#due.put(seat, Number.POSITIVE_INFINITY)
      seat = this.#due.next(seat + 1, now.mono)
    }
    return seat < 0
  }

  /** The last word before the end. */
  sayAll(): void {
    this.#cancelRest()
    const now = this.#now()
    for (const session of this.#options.fleet.sessions()) {
      for (const publication of this.#voice(session).birth(session.status(), now.mono, now.wall)) {
        this.#options.publish(publication)
      }
    }
  }

  report(report: HealthReport): void {
    this.#report = report
    this.#announceUnknown()
    const { level, counts } = this.#options.shedder
    this.#onlooker?.onReport(report, level, counts)
    this.#options.publish(this.#status())
  }

  /** All that is retained, for a broker that may know nothing. */
  *birth(): Iterable<Publication> {
    const { configuration, version, topics, fleet, sources } = this.#options
    yield bridgeInfo(topics, {
      id: configuration.bridge.id,
      version,
      baseTopic: configuration.baseTopic,
      nodeVersion: process.versions.node,
      models: configuration.models,
      sources: sources.map((source) => source.id),
    })
    yield bridgeDevices(topics, this.#devices())
    yield this.#status()
    for (const session of fleet.sessions()) yield* this.#birthOf(session)
    yield* this.#snapshot(this.#now())
  }

  /** Says that somebody sends who is not configured: at most once per report, whatever comes. */
  #announceUnknown(): void {
    const { configuration, fleet, log } = this.#options
    const { total } = fleet.unknown
    if (configuration.unknownDevices === 'ignore' || total === this.#unknownTold) return
    this.#unknownTold = total
    log.warn(
      { frames: total, latest: fleet.unknown.latest(LATEST_UNKNOWN) },
      'unknown devices send',
    )
  }

  #sayStatus(session: DeviceSession, { mono, wall }: Moment): void {
    const voice = this.#voice(session)
    const status = session.status()
    for (const publication of voice.status(status, mono, wall)) this.#options.publish(publication)
    this.#due.put(session.seat, voice.statusDueAt(status))
  }

  #birthOf(session: DeviceSession): readonly Publication[] {
    const { mono, wall } = this.#now()
    const voice = this.#voice(session)
    const status = session.status()
    const publications = voice.birth(status, mono, wall)
    this.#due.put(session.seat, voice.statusDueAt(status))
    return publications
  }

  #status(): Publication {
    const { configuration, topics, shedder, fleet, lost } = this.#options
    return bridgeStatus(topics, {
      bridge: configuration.bridge.id,
      ...this.#now(),
      report: this.#report,
      degradation: shedder.level,
      ...(configuration.unknownDevices !== 'ignore' && {
        unknown: { frames: fleet.unknown.total, latest: fleet.unknown.latest(LATEST_UNKNOWN) },
      }),
      shed: shedder.counts,
      ...(lost && { dropped: lost() }),
    })
  }

  #snapshot(now: Moment): Publication[] {
    const { configuration, topics, fleet } = this.#options
    this.#snapshotAt = now.mono
    const statuses = Array.from(fleet.sessions(), (session) => session.status())
    const context = { bridge: configuration.bridge.id, wall: now.wall, details: true }
    const publications = snapshotPublications(statuses, topics, context, this.#snapshotChunks)
    this.#snapshotChunks = publications.filter(({ payload }) => payload.length > 0).length
    return publications
  }

  #devices() {
    const { configuration, fleet } = this.#options
    return Array.from(fleet.sessions(), ({ id, profile }) => {
      const known = configuration.devices.get(id)
      return {
        id,
        ...(known?.name !== undefined && { name: known.name }),
        model: known?.model ?? configuration.defaultModel ?? '',
        channels: profile.spec.channels,
      }
    })
  }

  #voice(session: DeviceSession): DeviceVoice {
    const known = this.#voices.get(session.id)
    if (known) return known
    const voice = new DeviceVoice(session.id, session.profile.names, this.#voiceOptions)
    this.#voices.set(session.id, voice)
    return voice
  }

  #now(): Moment {
    const { clock } = this.#options
    return { mono: clock.mono(), wall: clock.wall() }
  }
}
