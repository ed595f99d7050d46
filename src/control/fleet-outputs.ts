import { isClockSet, type Undo } from '../clock.js'
import type { DeviceEvent, DeviceSession, OrderOutcome, Verdict } from '../device/index.js'
import type { DroppedEntry } from '../journal/index.js'
import {
  type DeviceInfo,
  DeviceVoice,
  defaultStatusFlowPolicy,
  type Publication,
  removalPublications,
  type VoiceOptions,
} from '../outputs/index.js'
import type { HealthReport } from '../resilience/index.js'
import { BridgeVoice, type BridgeVoiceOptions } from './bridge-voice.js'
import { EventLog } from './event-log.js'
import type { KeyframeRequests, SentRequest } from './keyframe-requests.js'
import { lineFacts, lineStates } from './line-facts.js'
import { NoiseLog } from './noise-log.js'
import { type Onlooker, shielded } from './onlooker.js'
import { type Moment, StatusTurns } from './status-turns.js'

export interface FleetOutputsOptions extends BridgeVoiceOptions {
  readonly publish: (publication: Publication) => void
  /** Whether more may be published of what can be said later as well; default: always. `roomMade` says when again. */
  readonly hasRoom?: () => boolean
  readonly requests: KeyframeRequests
  /** Sees all of it, whether the broker is there or not. */
  readonly onlooker?: Onlooker | undefined
}

/** So many messages of the list of devices leave in a row. */
const LIST_AT_ONCE = 8

/** Everything that the bridge publishes, and when: readings and events at once, status when it is time. */
export class FleetOutputs {
  readonly #options: FleetOutputsOptions
  readonly #hasRoom: () => boolean
  readonly #statuses: StatusTurns
  readonly #bridge: BridgeVoice
  readonly #eventLog: EventLog
  readonly #noiseLog: NoiseLog
  readonly #onlooker: Onlooker | undefined
  /** What has not left of the list of devices. */
  #list: Iterator<Publication> | undefined
  #cancelRest: Undo = () => {}
  #isLooking = false

  constructor(options: FleetOutputsOptions) {
    this.#options = options
    this.#bridge = new BridgeVoice(options)
    this.#eventLog = new EventLog(options.log, options.clock)
    this.#noiseLog = new NoiseLog(options.log, options.clock)
    this.#onlooker = options.onlooker && shielded(options.onlooker, options.log)
    const { fleet, publish, hasRoom = () => true } = options
    this.#hasRoom = hasRoom
    this.#statuses = new StatusTurns({ fleet, publish, hasRoom }, voiceOptions(options))
  }

  /** What of a verdict must arrive, in this order. */
  delivery(verdict: Verdict, session: DeviceSession): readonly Publication[] {
    const words = this.#statuses.voice(session).delivery(verdict)
    if (!this.#statuses.voiceOptions.readings.retain) return words
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
    for (const publication of this.#statuses.voice(session).events(verdict.events))
      this.#options.publish(publication)
    // Something happened: the status follows at once, where it is not too early.
    this.#statuses.say(session, this.#now())
  }

  /** The record of readings that a limit dropped, also of a device that is gone by now. */
  dropped({ device, wall, fromKey, toKey, count, reason }: DroppedEntry): readonly Publication[] {
    const what = { wall, severity: 'warning', type: 'readings_dropped' } as const
    const event = { ...what, fromKey, toKey, count, reason }
    const session = this.#options.fleet.session(device)
    if (session) this.#onlooker?.onEvent(event, session)
    return [new DeviceVoice(device, [], this.#statuses.voiceOptions).dropped(event)]
  }

  event(event: DeviceEvent, session: DeviceSession): void {
    this.#onlooker?.onEvent(event, session)
    this.#eventLog.write(session.id, event)
    for (const publication of this.#statuses.voice(session).events([event]))
      this.#options.publish(publication)
  }

  /** A device was taken in that nobody configured; the list says so with the next sweep, once for all that come till then. */
  accepted(session: DeviceSession): void {
    this.#bridge.ageList()
    this.#introduce(session)
  }

  #sayList(): void {
    this.#list = this.#bridge.deviceList()[Symbol.iterator]()
    this.#sayMoreOfList()
  }

  /** False where there is more. */
  #sayMoreOfList(): boolean {
    for (let left = LIST_AT_ONCE; this.#list && left > 0; left--) {
      const next = this.#list.next()
      if (next.done) this.#list = undefined
      else this.#options.publish(next.value)
    }
    return this.#list === undefined
  }

  /** Devices may be gone: nothing of theirs stays with the broker. */
  obeyed(outcome: OrderOutcome): void {
    const { publish, requests } = this.#options
    if (!outcome.ok || !outcome.change) return
    for (const session of outcome.change.removed) {
      requests.forget(session.id)
      const { topics } = this.#statuses.voice(session)
      for (const publication of removalPublications(topics, this.#statuses.voiceOptions.readings))
        publish(publication)
    }
    for (const session of outcome.change.changed) this.#introduce(session)
  }

  /** What is said, and how, has changed with the configuration: it is said anew. */
  reconfigured(): void {
    const { fleet, publish } = this.#options
    const before = JSON.stringify(readingsOf(this.#statuses.voiceOptions))
    this.#statuses.voiceOptions = voiceOptions(this.#options)
    publish(this.#bridge.info())
    this.#sayList()
    if (JSON.stringify(readingsOf(this.#statuses.voiceOptions)) !== before) this.#statuses.clear()
    for (const session of fleet.sessions()) this.#introduceNew(session)
    this.refreshSnapshot()
  }

  #introduceNew(session: DeviceSession): void {
    if (!this.#statuses.has(session)) this.#introduce(session)
  }

  #introduce(session: DeviceSession): void {
    for (const publication of this.#statuses.birthOf(session, this.#now()))
      this.#options.publish(publication)
  }

  /** Lets time pass in every room and says what is new; for `deafMs` of it nothing could be heard. */
  sweep(deafMs = 0): void {
    const { sources, requests } = this.#options
    const now = this.#now()
    if (this.#bridge.listDue) this.#sayList()
    this.#bridge.tick()
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

  /** Publishes all devices' status in one topic anew, as there is room for it; returns how many messages that takes. */
  refreshSnapshot(): number {
    const { snapshot } = this.#bridge
    this.#bridge.beginSnapshot()
    do for (const publication of snapshot.next()) this.#options.publish(publication)
    while (snapshot.chunks === 0)
    this.#goOnSoon()
    return snapshot.chunks
  }

  /** There is room again for what could be said later as well. */
  roomMade(): void {
    this.#goOnSoon()
  }

  #goOnSoon(): void {
    this.#cancelRest()
    this.#cancelRest = this.#options.clock.setTimer(0, () => this.#goOn(this.#now(), 0))
  }

  /** Does of what a sweep brings so much that frames need not wait, and the rest in further goes. */
  #goOn(now: Moment, deafMs: number, meanwhile = () => {}): void {
    this.#cancelRest()
    const looked = this.#isLooking ? this.#look(now, deafMs) : []
    meanwhile()
    for (const session of looked) this.#statuses.say(session, now)
    const isAllSaid = this.#statuses.sayDue(now)
    const isAllListed = this.#sayOfAll()
    if (this.#isLooking || !isAllSaid || !isAllListed) this.#goOnSoon()
  }

  /** The list of devices and the snapshot, a few messages at a time; false where there is more, and room for it. */
  #sayOfAll(): boolean {
    const { snapshot } = this.#bridge
    if (!this.#list && !snapshot.isDue) return true
    if (!this.#hasRoom()) return true
    if (!this.#sayMoreOfList()) return false
    if (snapshot.isDue)
      for (const publication of snapshot.next()) this.#options.publish(publication)
    return !snapshot.isDue
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

  /** The last word before the end. */
  sayAll(): void {
    this.#cancelRest()
    if (this.#bridge.isListOld) this.#sayList()
    const now = this.#now()
    for (const session of this.#options.fleet.sessions()) {
      for (const publication of this.#statuses
        .voice(session)
        .birth(session.status(), now.mono, now.wall)) {
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
    this.#list = undefined
    yield* this.#bridge.deviceList()
    yield* announced()
    yield this.#bridge.status()
    for (const session of fleet.sessions()) yield* this.#statuses.birthOf(session, this.#now())
    const { snapshot } = this.#bridge
    this.#bridge.beginSnapshot()
    // That of a large fleet follows.
    if (!snapshot.isLarge) yield* snapshot.next()
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
