import type { Clock } from '../../src/clock.js'
import type { Configuration } from '../../src/config/index.js'
import { takeTo } from '../../src/control/delivery.js'
import { BridgeMemory, fleetOptions } from '../../src/control/index.js'
import { adoptPlan, restoreFleet } from '../../src/control/restore-fleet.js'
import {
  type DeviceSession,
  Fleet,
  type FleetHandlers,
  type FleetOrder,
  type Verdict,
} from '../../src/device/index.js'
import type { DroppedEntry, FilePort, JournalEntry } from '../../src/journal/index.js'
import { DeviceVoice, defaultStatusFlowPolicy, Shedder } from '../../src/outputs/index.js'
import { STATE } from '../support/sim-disk.js'

/** A frame's readings as they follow from the journal alone. */
export interface Expected {
  readonly device: string
  readonly ordinal: number
  readonly key: string
  readonly payload: string
}

const STOPPED: Clock = { mono: () => 0, wall: () => 0, setTimer: () => () => {} }

/** Reads along in the journal, over all crashes, and says what the bridge owes for it. */
export class JournalWitness {
  #expected: Expected[] = []
  #named: DroppedEntry[] = []
  /** Every frame in the journal, as `<device>:<hex>`. */
  readonly frames = new Set<string>()
  /** Frames that were acknowledged, in the same words. */
  readonly promised = new Set<string>()
  #fleet: Fleet
  /** Ordinal → its frame, where it is one. */
  readonly #frameOf = new Map<number, string | undefined>()
  readonly #voices = new WeakMap<DeviceSession, DeviceVoice>()
  readonly #configuration: Configuration
  #seen = 0
  /** It is known from the disk which plan the fleet is under. */
  #isPlanned = false

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#fleet = this.#openFleet((verdict, session) => this.#owe(verdict, session))
  }

  get expected(): readonly Expected[] {
    return this.#expected
  }

  /** What the journal says was dropped by a limit. */
  get named(): readonly DroppedEntry[] {
    return this.#named
  }

  /** Takes in what is new on the disk; after a loss of power some of what was there may be gone. */
  async read(files: FilePort, afterLoss = false): Promise<void> {
    const { durability, maxBytes } = this.#configuration.journal
    if (durability.kind === 'end-to-end') return
    await files.makeDirectory(STATE)
    const memory = await BridgeMemory.openUnlocked({
      directory: STATE,
      files,
      clock: STOPPED,
      machine: { bootId: '', uptimeMs: () => 0, wallTrusted: () => false },
      durability,
      maxBytes,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    if (afterLoss) await this.#forget(memory)
    const reader = memory.journal.read(this.#seen)
    for (let entries = await reader.next(); entries.length > 0; entries = await reader.next()) {
      for (const entry of entries) {
        await this.#catchUp(memory, entry.ordinal - 1)
        this.#take(entry)
      }
    }
    await this.#catchUp(memory)
  }

  /**
   * What was written and never synced, and read by a life whose disk did not let it sync it either, is gone, and was never
   * accepted: nobody was promised it. What of it had settled is owed no more, but was decoded from all the same.
   */
  async #forget(memory: BridgeMemory): Promise<void> {
    const left = new Set<number>()
    const { firstOrdinal } = memory.journal
    const reader = memory.journal.read(firstOrdinal - 1)
    for (let entries = await reader.next(); entries.length > 0; entries = await reader.next())
      for (const { ordinal } of entries) left.add(ordinal)
    const isThere = ([ordinal]: readonly [ordinal: number, frame: string | undefined]) =>
      ordinal < firstOrdinal || left.has(ordinal)
    const kept = new Set([...this.#frameOf].filter(isThere).map(([, frame]) => frame))
    // Of one that came twice a copy is enough.
    const isMissed = (frame = '') => this.promised.has(frame) && !kept.has(frame)
    const gone = [...this.#frameOf].filter((one) => !isThere(one) && !isMissed(one[1]))
    if (gone.length === 0) return
    for (const [ordinal] of gone) this.#frameOf.delete(ordinal)
    const isLeft = ({ ordinal }: { readonly ordinal: number }) =>
      ordinal <= memory.checkpoint || this.#frameOf.has(ordinal)
    this.#expected = this.#expected.filter(isLeft)
    this.#named = this.#named.filter(isLeft)
    // What a snapshot tells of is known to the next life all the same, as where files came back that were deleted.
    const { newestOrdinal } = memory.snapshots
    if (gone.every(([ordinal]) => ordinal <= newestOrdinal)) return
    const seen = this.#seen
    let isReplay = true
    this.#fleet = this.#openFleet((verdict, session) => {
      if (!isReplay) this.#owe(verdict, session)
    })
    await restoreFleet(memory, this.#fleet, (entry) => {
      isReplay = entry.ordinal <= seen
      if (isReplay) takeTo(this.#fleet, entry)
      else this.#take(entry)
    })
    isReplay = false
    this.#seen = Math.max(memory.journal.lastOrdinal, newestOrdinal)
  }

  #openFleet(onVerdict: FleetHandlers['onVerdict']): Fleet {
    return new Fleet(fleetOptions(this.#configuration, STOPPED), {
      onVerdict,
      onAccepted: () => {},
      onInternalError: () => {},
    })
  }

  /**
   * While the disk failed a snapshot may have been taken of what no journal holds: a next life goes on from that. And until a
   * plan was ordered it is a snapshot that tells under which one a life began.
   */
  async #catchUp({ snapshots }: BridgeMemory, until = Number.POSITIVE_INFINITY): Promise<void> {
    const newest = snapshots.ordinals.findLast((ordinal) => ordinal <= until) ?? -1
    if (newest < this.#seen || (newest === this.#seen && this.#isPlanned)) return
    const { snapshot } = await snapshots.load(newest)
    if (!snapshot || snapshot.ordinal < this.#seen) return
    adoptPlan(this.#fleet, snapshot)
    this.#isPlanned = true
    if (snapshot.ordinal === this.#seen) return
    this.#fleet.restore(snapshot.devices)
    this.#seen = snapshot.ordinal
  }

  #take(entry: JournalEntry): void {
    this.#seen = entry.ordinal
    if (entry.kind === 'frame') {
      const { device, bytes } = entry.frame
      const key = frameKey(device, bytes)
      this.frames.add(key)
      this.#frameOf.set(entry.ordinal, key)
    } else this.#frameOf.set(entry.ordinal, undefined)
    if (entry.kind === 'dropped') this.#named.push(entry)
    if (entry.kind === 'order' && (entry.order as FleetOrder).do === 'plan') this.#isPlanned = true
    takeTo(this.#fleet, entry)
  }

  #owe(verdict: Verdict, session: DeviceSession): void {
    if (verdict.kind !== 'readings') return
    const { epoch, seq, frame } = verdict
    const publication = this.#voice(session)
      .delivery(verdict)
      .find(({ topic }) => topic.endsWith('/readings'))
    const owed = { device: session.id, ordinal: frame.ordinal ?? 0, key: `${epoch}/${seq}` }
    this.#expected.push({ ...owed, payload: String(publication?.payload) })
  }

  #voice(session: DeviceSession): DeviceVoice {
    const known = this.#voices.get(session)
    if (known) return known
    const { baseTopic, bridge, outputs } = this.#configuration
    const voice = new DeviceVoice(session.id, session.profile.names, {
      baseTopic,
      bridge: bridge.id,
      readings: outputs,
      statusFlow: defaultStatusFlowPolicy,
      shedder: new Shedder(),
    })
    this.#voices.set(session, voice)
    return voice
  }
}

export const frameKey = (device: string, bytes: Uint8Array): string =>
  `${device}:${Buffer.from(bytes).toString('hex')}`
