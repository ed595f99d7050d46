import type { Clock } from '../clock.js'
import type { Fleet } from '../device/index.js'
import type { Log } from '../log.js'
import {
  type BridgeTopics,
  bridgeInfo,
  bridgeStatus,
  type DeviceInfo,
  deviceList,
  type Publication,
  type Shedder,
} from '../outputs/index.js'
import type { HealthReport } from '../resilience/index.js'
import type { Source } from '../transport/index.js'
import type { Settings } from './settings.js'
import { StatusSnapshot } from './status-snapshot.js'

export interface BridgeVoiceOptions {
  readonly settings: Settings
  readonly version: string
  readonly clock: Clock
  readonly topics: BridgeTopics
  readonly shedder: Shedder
  readonly log: Log
  readonly fleet: Fleet
  readonly sources: readonly Source[]
  /** Publications that never arrived, by reason. */
  readonly lost?: () => Readonly<Record<string, number>>
}

const SNAPSHOT_MS = 60_000
const LATEST_UNKNOWN = 20
/** For each message of the list of devices: however fast devices come, the list takes no more than one of them in so long. */
const LIST_CHUNK_MS = 1000

/** What is published of the bridge itself, and of all its devices together. */
export class BridgeVoice {
  readonly #options: BridgeVoiceOptions
  /** All devices' status in one topic. */
  readonly snapshot: StatusSnapshot
  #report: HealthReport = { status: 'unknown', checks: [] }
  #snapshotAt = Number.NEGATIVE_INFINITY
  #unknownTold = 0
  /** Messages that the list of devices takes. */
  #listChunks = 0
  #listAt = Number.NEGATIVE_INFINITY
  #isListOld = false

  constructor(options: BridgeVoiceOptions) {
    this.#options = options
    this.snapshot = new StatusSnapshot(options.topics)
  }

  /** A second has gone by: it may be time for another snapshot, spread over the minute. */
  tick(): void {
    this.snapshot.tick()
    const age = this.#options.clock.mono() - this.#snapshotAt
    if (age >= SNAPSHOT_MS && !this.snapshot.isUnfinished) this.beginSnapshot(true)
  }

  /** There are other devices than the published list says. */
  ageList(): void {
    this.#isListOld = true
  }

  get isListOld(): boolean {
    return this.#isListOld
  }

  /** The list is old, and was not published just now. */
  get listDue(): boolean {
    const age = this.#options.clock.mono() - this.#listAt
    return this.#isListOld && age >= LIST_CHUNK_MS * this.#listChunks
  }

  /** Version, models, doors. */
  info(): Publication {
    const { settings, version, topics, sources } = this.#options
    const { bridge, baseTopic, models } = settings.current
    return bridgeInfo(topics, {
      id: bridge.id,
      version,
      baseTopic,
      nodeVersion: process.versions.node,
      models,
      sources: sources.map((source) => source.id),
    })
  }

  /** Which devices there are, and who has declared them. */
  *devices(): Generator<DeviceInfo> {
    const { settings, fleet } = this.#options
    for (const { id, profile } of fleet.sessions()) {
      const known = settings.current.devices.get(id)
      yield {
        id,
        ...(known?.name !== undefined && { name: known.name }),
        model: known?.model ?? settings.current.defaultModel ?? '',
        origin: settings.originOf(id),
        channels: profile.spec.channels,
      }
    }
  }

  /** The same, as it is published. */
  deviceList(): Iterable<Publication> {
    const { topics, clock } = this.#options
    const list = deviceList(topics, () => this.devices(), this.#listChunks)
    this.#listChunks = list.chunks
    this.#listAt = clock.mono()
    this.#isListOld = false
    return list.publications
  }

  /** How the bridge is, by the last report. */
  status(): Publication {
    const { settings, topics, shedder, fleet, lost, clock } = this.#options
    const { bridge, unknownDevices } = settings.current
    return bridgeStatus(topics, {
      bridge: bridge.id,
      mono: clock.mono(),
      wall: clock.wall(),
      report: this.#report,
      degradation: shedder.level,
      ...(unknownDevices !== 'ignore' && {
        unknown: { frames: fleet.unknown.total, latest: fleet.unknown.latest(LATEST_UNKNOWN) },
      }),
      shed: shedder.counts,
      ...(lost && { dropped: lost() }),
    })
  }

  /** Takes a report; whoever sends and is not configured is said to the log, at most once with each. */
  report(report: HealthReport): void {
    this.#report = report
    const { settings, fleet, log } = this.#options
    const { total } = fleet.unknown
    if (settings.current.unknownDevices === 'ignore' || total === this.#unknownTold) return
    this.#unknownTold = total
    log.warn(
      { frames: total, latest: fleet.unknown.latest(LATEST_UNKNOWN) },
      'unknown devices send',
    )
  }

  /** A snapshot of all devices, each as it is when its turn comes, is to be taken: at once or `spread`. */
  beginSnapshot(spread = false): void {
    const { settings, fleet, clock } = this.#options
    this.#snapshotAt = clock.mono()
    const { id } = settings.current.bridge
    const subject = {
      size: fleet.size,
      sessions: () => fleet.sessions(),
      context: () => ({ bridge: id, wall: clock.wall(), details: true }),
    }
    this.snapshot.begin(subject, spread)
  }
}
