import { isClockSet, type Undo } from '../clock.js'
import {
  type DeviceEvent,
  type DeviceSession,
  DueTimes,
  type OrderOutcome,
  type Verdict,
} from '../device/index.js'
import type { DroppedEntry } from '../journal/index.js'
import {
  type DeviceInfo,
  DeviceVoice,
  defaultStatusFlowPolicy,
  type Publication,
  removalPublications,
  SaidStatuses,
  type VoiceOptions,
} from '../outputs/index.js'
import type { HealthReport } from '../resilience/index.js'
import { BridgeVoice, type BridgeVoiceOptions } from './bridge-voice.js'
import { EventLog } from './event-log.js'
import type { KeyframeRequests, SentRequest } from './keyframe-requests.js'
import { lineFacts, lineStates } from './line-facts.js'
import { NoiseLog } from './noise-log.js'
import { type Onlooker, shielded } from './onlooker.js'

export interface FleetOutputsOptions extends BridgeVoiceOptions {
  readonly publish: (publication: Publication) => void
  readonly requests: KeyframeRequests
  /** Sees all of it, whether the broker is there or not. */
  readonly onlooker?: Onlooker | undefined
}

/** So many statuses are said in a row: frames come in between. */
const MOST_STATUSES = 200

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** Everything that the bridge publishes, and when: readings and events at once, status when it is time. */
export class FleetOutputs {
  readonly #options: FleetOutputsOptions
  #voiceOptions: VoiceOptions
  readonly #said = new SaidStatuses<DeviceSession>()
  readonly #bridge: BridgeVoice
  readonly #eventLog: EventLog
  readonly #noiseLog: NoiseLog
  readonly #onlooker: Onlooker | undefined
  /** When there is something to say of a device to which nothing happens. */
  readonly #due = new DueTimes()
  #cancelRest: Undo = () => {}
  #isLooking = false

  constructor(options: FleetOutputsOptions) {
    this.#options = options
    this.#bridge = new BridgeVoice(options)
    this.#eventLog = new EventLog(options.log, options.clock)
    this.#noiseLog = new NoiseLog(options.log, options.clock)
    this.#onlooker = options.onlooker && shielded(options.onlooker, options.log)
    this.#voiceOptions = voiceOptions(options)
  }

  /** What of a verdict must arrive, in this order. */
  delivery(verdict: Verdict, session: DeviceSession): readonly Publication[] {
    const words = this.#voice(session).delivery(verdict)
    if (!this.#voiceOptions.readings.retain) return words
    // What has waited of a device that is gone must not stay with the broker, where nobody would clear it.
    const isGone = this.#options.fleet.session(session.id) === undefined
    return isGone ? words.map((publication) => ({ ...publication, retain: false })) : words
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

  /** A device was taken in that nobody configured; the list says so with the next sweep, once for all that come till then. */
  accepted(session: DeviceSession): void {
    this.#bridge.ageList()
    this.#introduce(session)
  }

  #sayList(): void {
    for (const publication of this.#bridge.deviceList()) this.#options.publish(publication)
  }

  /** Devices may be gone: nothing of theirs stays with the broker. */
  obeyed(outcome: OrderOutcome): void {
    const { publish, requests } = this.#options
    if (!outcome.ok || !outcome.change) return
    for (const session of outcome.change.removed) {
      requests.forget(session.id)
      const { topics } = this.#voice(session)
      for (const publication of removalPublications(topics, this.#voiceOptions.readings))
        publish(publication)
    }
    for (const session of outcome.change.changed) this.#introduce(session)
  }

  /** What is said, and how, has changed with the configuration: it is said anew. */
  reconfigured(): void {
    const { fleet, publish } = this.#options
    const before = JSON.stringify(readingsOf(this.#voiceOptions))
    this.#voiceOptions = voiceOptions(this.#options)
    publish(this.#bridge.info())
    this.#sayList()
    if (JSON.stringify(readingsOf(this.#voiceOptions)) !== before) this.#said.clear()
    for (const session of fleet.sessions()) this.#introduceNew(session)
    this.refreshSnapshot()
  }

  #introduceNew(session: DeviceSession): void {
    if (!this.#said.has(session)) this.#introduce(session)
  }

  #introduce(session: DeviceSession): void {
    for (const publication of this.#birthOf(session)) this.#options.publish(publication)
  }

  /** Lets time pass in every room and says what is new; for `deafMs` of it nothing could be heard. */
  sweep(deafMs = 0): void {
    const { sources, requests } = this.#options
    const now = this.#now()
    if (this.#bridge.listDue) this.#sayList()
    if (this.#bridge.snapshotDue) this.#bridge.beginSnapshot()
    this.#isLooking = true
    this.#goOn(now, deafMs, () => {
      this.#tellRequests(requests.send(now))
      this.#noiseLog.look(sources)
    })
  }

  /** A device is another bridge's from now on. */
  forget(device: string): void {
    this.#options.requests.forget(device)
  }

  /** Publishes all devices' status in one topic anew; returns how many messages that takes. */
  refreshSnapshot(): number {
    const { snapshot } = this.#bridge
    this.#bridge.beginSnapshot()
    while (snapshot.isUnfinished)
      for (const publication of snapshot.next()) this.#options.publish(publication)
    return snapshot.chunks
  }

  /** Does of what a sweep brings so much that frames need not wait, and the rest in further goes. */
  #goOn(now: Moment, deafMs: number, meanwhile = () => {}): void {
    this.#cancelRest()
    const { snapshot } = this.#bridge
    const looked = this.#isLooking ? this.#look(now, deafMs) : []
    meanwhile()
    for (const session of looked) this.#sayStatus(session, now)
    const isAllSaid = this.#sayWhatIsDue(now)
    for (const publication of snapshot.next()) this.#options.publish(publication)
    if (!this.#isLooking && isAllSaid && !snapshot.isUnfinished) return
    this.#cancelRest = this.#options.clock.setTimer(0, () => this.#goOn(this.#now(), 0))
  }

  /** Looks at devices that time may have changed. */
  #look(now: Moment, deafMs: number): readonly DeviceSession[] {
    const { fleet, sources } = this.#options
    const around = { ...now, clockSynced: isClockSet(now.wall), deafMs, lines: lineStates(sources) }
    const looked: DeviceSession[] = []
    this.#isLooking = !fleet.sweep(
      around,
      lineFacts(sources),
      (session, event) => this.event(event, session),
      (session) => looked.push(session),
    )
    return looked
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
    if (this.#bridge.isListOld) this.#sayList()
    const now = this.#now()
    for (const session of this.#options.fleet.sessions()) {
      for (const publication of this.#voice(session).birth(session.status(), now.mono, now.wall)) {
        this.#options.publish(publication)
      }
    }
  }

  report(report: HealthReport): void {
    this.#bridge.report(report)
    const { level, counts } = this.#options.shedder
    this.#onlooker?.onReport(report, level, counts)
    this.#options.publish(this.#bridge.status())
  }

  /** Which devices there are, and who has declared them. */
  devices(): Iterable<DeviceInfo> {
    return this.#bridge.devices()
  }

  /** All that is retained, for a broker that may know nothing; what is `announced` in between. */
  *birth(announced: () => Iterable<Publication> = () => []): Iterable<Publication> {
    const { fleet } = this.#options
    yield this.#bridge.info()
    yield* this.#bridge.deviceList()
    yield* announced()
    yield this.#bridge.status()
    for (const session of fleet.sessions()) yield* this.#birthOf(session)
    const { snapshot } = this.#bridge
    this.#bridge.beginSnapshot()
    while (snapshot.isUnfinished) yield* snapshot.next()
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

  #voice(session: DeviceSession): DeviceVoice {
    // measured: made anew each time it costs 50 ns, kept for each device 100 bytes.
    const said = this.#said.place(session)
    return new DeviceVoice(session.id, session.profile.names, this.#voiceOptions, said)
  }

  #now(): Moment {
    const { clock } = this.#options
    return { mono: clock.mono(), wall: clock.wall() }
  }
}

function voiceOptions({ settings, shedder }: FleetOutputsOptions): VoiceOptions {
  const { baseTopic, bridge, cluster, outputs, status } = settings.current
  return {
    baseTopic,
    bridge: bridge.id,
    shedsReadings: cluster === undefined,
    keysOf: cluster?.group ?? bridge.id,
    readings: outputs,
    statusFlow: { ...defaultStatusFlowPolicy, refreshMs: status.intervalMs },
    shedder,
  }
}

const readingsOf = ({ readings, statusFlow }: VoiceOptions) => [readings, statusFlow]
