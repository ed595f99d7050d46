import type { Frame } from '../framing/index.js'
import { splitAggregated } from './aggregated.js'
import type { DeviceEvent } from './event.js'
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

  /** Takes one frame to its device's room; a gateway's aggregated frame to the rooms of its channels. */
  accept(frame: Frame): void {
    const parts = splitAggregated(frame)
    if (parts === undefined) this.#acceptOne(frame)
    else if (parts.ok) for (const part of parts.value) this.#acceptOne(part)
    else this.unknown.note(frame.device, parts.fault.code)
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

  #acceptOne(frame: Frame): void {
    const session = this.#sessions.get(frame.device) ?? this.#takeIn(frame)
    if (!session) return
    let verdict: Verdict
    try {
      verdict = session.accept(frame)
    } catch (error) {
      // The bulkhead: a surprise in one device's path must not take the others down.
      this.#handlers.onInternalError(session.id, error)
      verdict = session.fail(frame, error instanceof Error ? error.message : String(error))
    }
    this.#handlers.onVerdict(verdict, session)
  }

  #takeIn(frame: Frame): DeviceSession | undefined {
    const { unknownDevices, defaultProfile } = this.#options
    const full = this.#accepted >= MOST_ACCEPTED
    if (unknownDevices !== 'accept' || defaultProfile === undefined || full) {
      this.unknown.note(frame.device, full ? 'too-many-accepted' : 'not-configured')
      return undefined
    }
    this.#accepted++
    const session = this.#open(frame.device, defaultProfile, frame)
    this.#handlers.onAccepted(session)
    return session
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
