import type { Frame } from '../framing/index.js'
import { splitAggregated } from './aggregated.js'
import type { DeviceEvent } from './event.js'
import { keepDevice, keptMemory } from './kept-device.js'
import type { DeviceProfile } from './profile.js'
import { DeviceSession, type SessionPolicy, type Surroundings } from './session.js'
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
  /** Monotonic and Unix milliseconds. */
  readonly born: { readonly mono: number; readonly wall: number }
  /** 0 … 1, seeded in tests. */
  readonly random: () => number
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

  /**
   * Whether a frame may come in: what nobody knows, and what comes too fast, is turned away and counted here. To be
   * asked once for each frame, before anything is done with it.
   */
  admits(frame: Frame): boolean {
    const parts = splitAggregated(frame)
    if (parts === undefined) return this.#admitsOne(frame)
    if (!parts.ok) {
      this.unknown.note(frame.device, parts.fault.code)
      return false
    }
    return parts.value.filter((part) => this.#admitsOne(part)).length > 0
  }

  /**
   * Takes an admitted frame to its device's room, a gateway's aggregated frame to the rooms of its channels. Returns
   * how many verdicts it has. They are a function of the frames alone, in their order and with their times.
   */
  accept(frame: Frame): number {
    const parts = splitAggregated(frame)
    if (parts === undefined) return this.#acceptOne(frame)
    if (!parts.ok) return 0
    return parts.value.reduce((verdicts, part) => verdicts + this.#acceptOne(part), 0)
  }

  /** All that is known of all devices, as JSON-like values; times are those of the bridge's clock. */
  save(at: { readonly mono: number }): ReadonlyMap<string, unknown> {
    return new Map(
      Array.from(this.#sessions.values(), (session) => [
        session.id,
        keepDevice(session.profile, session.save(at.mono)),
      ]),
    )
  }

  /** Goes on where `save` stood, at that moment. Returns the devices whose model has changed since. */
  restore(
    devices: ReadonlyMap<string, unknown>,
    at: { readonly mono: number; readonly wall: number },
  ): string[] {
    const forgotten: string[] = []
    for (const [id, state] of devices) {
      if (this.restoreDevice(id, state, at) === 'other-model') forgotten.push(id)
    }
    return forgotten
  }

  /** The same for one device; one that is not configured is taken in where such devices are. */
  restoreDevice(
    id: string,
    state: unknown,
    at: { readonly mono: number; readonly wall: number },
  ): 'restored' | 'unknown' | 'nothing' | 'other-model' {
    const session = this.#sessions.get(id) ?? this.#takeIn(id, at)
    if (!session) return 'unknown'
    const memory = keptMemory(session.profile, state)
    if (typeof memory === 'string') return memory
    return session.restore(memory, at, true) ? 'restored' : 'other-model'
  }

  /** Moves what time moves, in every room. */
  sweep(
    around: Omit<Surroundings, keyof LineFacts>,
    lineOf: (session: DeviceSession) => LineFacts,
    onEvent: (session: DeviceSession, event: DeviceEvent) => void,
  ): void {
    for (const session of this.#sessions.values()) {
      for (const event of session.sweep({ ...around, ...lineOf(session) })) onEvent(session, event)
    }
  }

  #admitsOne(frame: Frame): boolean {
    const known = this.#sessions.get(frame.device)
    if (known) return known.admits(frame)
    const session = this.#takeIn(frame.device, frame)
    if (!session) {
      this.unknown.note(frame.device, this.#isFull ? 'too-many-accepted' : 'not-configured')
      return false
    }
    this.#handlers.onAccepted(session)
    return session.admits(frame)
  }

  #acceptOne(frame: Frame): number {
    const session = this.#sessions.get(frame.device) ?? this.#takeIn(frame.device, frame)
    if (!session) return 0
    let verdict: Verdict
    try {
      verdict = session.accept(frame)
    } catch (error) {
      // The bulkhead: a surprise in one device's path must not take the others down.
      this.#handlers.onInternalError(session.id, error)
      verdict = session.fail(frame, error instanceof Error ? error.message : String(error))
    }
    this.#handlers.onVerdict(verdict, session)
    return 1
  }

  get #isFull(): boolean {
    return this.#accepted >= MOST_ACCEPTED
  }

  /** Opens a room for a device that is not configured, where such devices are taken in. */
  #takeIn(id: string, born: { mono: number; wall: number }): DeviceSession | undefined {
    const { unknownDevices, defaultProfile } = this.#options
    if (unknownDevices !== 'accept' || defaultProfile === undefined || this.#isFull)
      return undefined
    this.#accepted++
    return this.#open(id, defaultProfile, born)
  }

  #open(id: string, profileName: string, born: { mono: number; wall: number }): DeviceSession {
    const profile = this.#options.profiles.get(profileName)
    if (!profile) throw new RangeError(`device ${id}: there is no model ${profileName}`)
    const jitter = this.#options.random() * 2 - 1
    const session = new DeviceSession(id, profile, this.#options.policy, {
      mono: born.mono,
      wall: born.wall,
      jitter,
    })
    this.#sessions.set(id, session)
    return session
  }
}
