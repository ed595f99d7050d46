import type { Frame } from '../framing/index.js'
import type { Absence } from '../resilience/index.js'
import { splitAggregated } from './aggregated.js'
import type { DeviceEvent } from './event.js'
import { keepDevice, keptEpoch, keptMemory } from './kept-device.js'
import { Peer } from './peer.js'
import { PeerGroup } from './peer-group.js'
import type { DeviceProfile } from './profile.js'
import { DeviceSession, type SessionPolicy } from './session.js'
import type { SessionMemory } from './session-memory.js'
import type { Moment, Surroundings } from './surroundings.js'
import { UnknownDevices } from './unknown-devices.js'
import type { Verdict } from './verdict.js'

export interface FleetOptions {
  readonly profiles: ReadonlyMap<string, DeviceProfile>
  /** Device id → name of its profile. */
  readonly devices: ReadonlyMap<string, string>
  readonly policy: SessionPolicy
  readonly unknownDevices: 'ignore' | 'announce' | 'accept'
  /** What unknown devices are taken for, where they are accepted. */
  readonly defaultProfile?: string
  /** Monotonic (of the bridge's clock, which goes on over restarts) and Unix milliseconds. */
  readonly born: Moment
  /**
   * The epoch before every new device's first one; 0 where absent. Where what was known of devices is lost it has to be
   * greater than any epoch before, so that no key of a reading comes again.
   */
  readonly epochBase?: number
  /**
   * Id of a door → how many frames of a device may be held there to be put back in order. None at doors without one:
   * a line keeps the order, and every lost frame would cost a wait.
   */
  readonly reorderWindows?: ReadonlyMap<string, number>
}

export interface FleetHandlers {
  onVerdict(verdict: Verdict, session: DeviceSession): void
  /** A device that is not configured was taken in. */
  onAccepted(session: DeviceSession): void
  /** An exception escaped from one device's path; the others are not affected. */
  onInternalError(device: string, error: unknown): void
}

/** What is known of the way that a device's frames come by. */
export type LineFacts = Pick<Surroundings, 'linkUp' | 'lineNoisy'>

/** More automatically accepted devices than this are an attack or a mistake. */
const MOST_ACCEPTED = 10_000

/** All device rooms of the bridge, by device id. */
export class Fleet {
  readonly unknown = new UnknownDevices()
  readonly #options: FleetOptions
  readonly #handlers: FleetHandlers
  readonly #sessions = new Map<string, DeviceSession>()
  /** By model: its devices, held against each other. */
  readonly #peers = new Map<string, PeerGroup>()
  /** By door: the last time that its senders could not reach it. */
  readonly #absences = new Map<string, Absence>()
  #accepted = 0

  constructor(options: FleetOptions, handlers: FleetHandlers) {
    this.#options = options
    this.#handlers = handlers
    for (const [id, profile] of options.devices) this.#open(id, profile, options.born)
  }

  get size(): number {
    return this.#sessions.size
  }

  sessions(): IterableIterator<DeviceSession> {
    return this.#sessions.values()
  }

  session(id: string): DeviceSession | undefined {
    return this.#sessions.get(id)
  }

  /** A door is there again whose senders kept what they had: its devices may catch up. */
  welcome(source: string, absence: Absence): void {
    this.#absences.set(source, absence)
  }

  /**
   * Whether a frame may come in. To be asked once for each, before it is kept or accepted: what nobody knows and what
   * comes too fast is counted and gone. A gateway's aggregated frame comes in for the sake of any of its parts.
   */
  admits(frame: Frame): boolean {
    const parts = splitAggregated(frame)
    if (parts?.ok === false) {
      this.unknown.note(frame.device, parts.fault.code)
      return false
    }
    const absence = this.#absences.get(frame.source)
    let admitted = false
    const tooFast: { session: DeviceSession; part: Frame }[] = []
    for (const part of parts?.value ?? [frame]) {
      const session = this.#roomOf(part)
      if (!session)
        this.unknown.note(part.device, this.#isFull ? 'too-many-accepted' : 'not-configured')
      else if (session.admits(part, absence)) admitted = true
      else tooFast.push({ session, part })
    }
    if (!admitted) for (const { session, part } of tooFast) session.turnAway(part)
    return admitted
  }

  /**
   * Takes an admitted frame to its device's room, a gateway's aggregated frame to the rooms of its channels. Returns how
   * many verdicts it has in all; each comes once, those of frames that are held for their order later. They are a function of the accepted frames and of what was restored.
   */
  accept(frame: Frame): number {
    const parts = splitAggregated(frame)
    if (!parts) return this.#acceptOne(frame)
    if (!parts.ok) return 0
    let verdicts = 0
    for (const part of parts.value) verdicts += this.#acceptOne(part)
    return verdicts
  }

  /**
   * Lets go what was held for its order and has been for long enough. Every frame that came before `until` (the bridge's
   * monotonic milliseconds) must have been accepted: then it makes no difference when, or whether, this is called.
   */
  release(until: number): void {
    for (const session of this.#sessions.values()) {
      if (session.held === 0) continue
      session.release(until, (next, repeated) => this.#decode(session, next, repeated, false))
    }
  }

  /** All that is known of all devices, as JSON-like values. */
  save(): ReadonlyMap<string, unknown> {
    const kept = ({ id, profile }: DeviceSession, memory: SessionMemory) =>
      [id, keepDevice(profile, memory)] as const
    return new Map(Array.from(this.#sessions.values(), (session) => kept(session, session.save())))
  }

  /** Goes on where `save` stood. Returns the devices of which nothing can be restored: their model has changed. */
  restore(devices: ReadonlyMap<string, unknown>): readonly string[] {
    const forgotten: string[] = []
    for (const [id, state] of devices) if (!this.restoreDevice(id, state)) forgotten.push(id)
    return forgotten
  }

  /**
   * The same for one device; false where its model has changed. One that is not configured is taken in, where such
   * devices are, else it is gone.
   */
  restoreDevice(id: string, state: unknown): boolean {
    const session = this.#sessions.get(id) ?? this.#takeIn(id, this.#options.born)
    if (!session) return true
    const memory = keptMemory(session.profile, state)
    if (memory === 'nothing') return true
    if (memory !== 'other-model' && session.restore(memory)) return true
    session.stream.beginAfter(keptEpoch(state))
    return false
  }

  /** Looks at what time changes, in every room. */
  sweep(
    around: Omit<Surroundings, keyof LineFacts>,
    lineOf: (session: DeviceSession) => LineFacts,
    onEvent: (session: DeviceSession, event: DeviceEvent) => void,
  ): void {
    for (const session of this.#sessions.values()) {
      for (const event of this.#look(session, { ...around, ...lineOf(session) }))
        onEvent(session, event)
    }
  }

  #look(session: DeviceSession, around: Surroundings): readonly DeviceEvent[] {
    try {
      return session.sweep(around)
    } catch (error) {
      // The bulkhead here, too.
      this.#handlers.onInternalError(session.id, error)
      return []
    }
  }

  /** Returns how many verdicts it has. */
  #acceptOne(frame: Frame): number {
    const session = this.#roomOf(frame)
    if (!session) return 0
    const window = this.#options.reorderWindows?.get(frame.source) ?? 0
    if (window === 0 && session.held === 0) this.#decode(session, frame, false, true)
    else {
      session.order(frame, window, (next, repeated) =>
        this.#decode(session, next, repeated, next === frame),
      )
    }
    return 1
  }

  /** The room of a frame's device, which may be one that is taken in now. */
  #roomOf(frame: Frame): DeviceSession | undefined {
    return this.#sessions.get(frame.device) ?? this.#takeIn(frame.device, frame)
  }

  /** `inTurn`: it was not held, so that it is handled where it stands among the frames of all devices. */
  #decode(session: DeviceSession, frame: Frame, repeated: boolean, inTurn: boolean): void {
    let verdict: Verdict
    try {
      verdict = repeated ? session.repeat(frame) : session.accept(frame, inTurn)
    } catch (error) {
      // The bulkhead: a surprise in one device's path must not take the others down.
      this.#handlers.onInternalError(session.id, error)
      verdict = session.fail(frame, error instanceof Error ? error.message : String(error))
    }
    this.#handlers.onVerdict(verdict, session)
  }

  get #isFull(): boolean {
    return this.#accepted >= MOST_ACCEPTED
  }

  /** Opens a room for a device that is not configured, where such devices are taken in. */
  #takeIn(id: string, born: Moment): DeviceSession | undefined {
    const { unknownDevices, defaultProfile } = this.#options
    if (unknownDevices !== 'accept' || defaultProfile === undefined || this.#isFull)
      return undefined
    this.#accepted++
    const session = this.#open(id, defaultProfile, born)
    this.#handlers.onAccepted(session)
    return session
  }

  #open(id: string, profileName: string, { mono, wall }: Moment): DeviceSession {
    const profile = this.#options.profiles.get(profileName)
    if (!profile) throw new RangeError(`device ${id}: there is no model ${profileName}`)
    const { policy, epochBase = 0 } = this.#options
    const peer = this.#joinPeers(profileName, profile)
    const session = new DeviceSession(id, profile, policy, { mono, wall, epochBase, peer })
    this.#sessions.set(id, session)
    return session
  }

  #joinPeers(profileName: string, profile: DeviceProfile): Peer | undefined {
    const { peers } = profile.spec
    if (!peers) return undefined
    const group = this.#peers.get(profileName) ?? new PeerGroup(profile, peers)
    this.#peers.set(profileName, group)
    return new Peer(group)
  }
}
