import type { Frame, UnreadFrame } from '../framing/index.js'
import type { Absence, BucketPolicy, CircuitPolicy } from '../resilience/index.js'
import { isAggregated, splitAggregated } from './aggregated.js'
import type { DeviceEvent } from './event.js'
import { type FleetOrder, type OrderOutcome, obey } from './fleet-order.js'
import type { FleetPlan, PlanDocument } from './fleet-plan.js'
import { keepDevice, keptEpoch, keptMemory } from './kept-device.js'
import { Picture } from './picture.js'
import type { FleetChange } from './plan-change.js'
import { Roll } from './roll.js'
import { Rooms } from './rooms.js'
import type { DeviceSession } from './session.js'
import { shiftMemory, type TimeShift } from './shift-memory.js'
import type { Moment, SessionPolicy } from './surroundings.js'
import { type LineFacts, Sweep, type SweepFacts } from './sweep.js'
import { UnknownDevices } from './unknown-devices.js'
import type { Verdict } from './verdict.js'

export interface FleetOptions extends FleetPlan {
  readonly policy: SessionPolicy
  /** Monotonic (of the bridge's clock, which goes on over restarts) and Unix milliseconds. */
  readonly born: Moment
  /**
   * The epoch before every new device's first one; 0 where absent. Where what was known of devices is lost it has to be
   * greater than any epoch before, so that no key of a reading comes again.
   */
  readonly epochBase?: number | (() => number)
  /**
   * A configured device has a room from its first frame on, or once its state is restored, until it is forgotten: for a
   * bridge that shares its devices with others.
   */
  readonly onDemand?: boolean
  /** So many devices are worked on at a time; it makes no difference but to memory and speed. */
  readonly mostRooms?: number
}

export interface FleetHandlers {
  onVerdict(verdict: Verdict, session: DeviceSession): void
  /** A device that is not configured was taken in. */
  onAccepted(session: DeviceSession): void
  /** An exception escaped from one device's path; the others are not affected. */
  onInternalError(device: string, error: unknown): void
  /** An order has been obeyed, or could not be. */
  onObeyed?(outcome: OrderOutcome): void
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** More automatically accepted devices than this are an attack or a mistake. */
const MOST_ACCEPTED = 10_000

/** All device rooms of the bridge, by device id. */
export class Fleet {
  readonly unknown = new UnknownDevices()
  readonly #options: FleetOptions
  readonly #handlers: FleetHandlers
  /** By door: the last time that its senders could not reach it. */
  readonly #absences = new Map<string, Absence>()
  readonly #rooms: Rooms
  /** Devices of which frames are held for their order. */
  readonly #holding = new Set<DeviceSession>()
  readonly #roll: Roll
  readonly #sweep: Sweep
  readonly #policy: { readonly circuit: CircuitPolicy; readonly flood: Mutable<BucketPolicy> }
  #accepted = 0

  constructor(options: FleetOptions, handlers: FleetHandlers) {
    this.#options = options
    this.#handlers = handlers
    const { policy, epochBase = 0, mostRooms } = options
    this.#policy = { ...policy, flood: { ...policy.flood } }
    const base = typeof epochBase === 'number' ? epochBase : 0
    this.#rooms = new Rooms({ policy: this.#policy, epochBase: base, most: mostRooms })
    this.#roll = new Roll({
      plan: options,
      policy: this.#policy,
      rooms: this.#rooms,
      epochBase,
      letGo: (session) => this.#letGo(session),
      onGone: (session) => this.#holding.delete(session),
    })
    this.#sweep = new Sweep({
      rooms: this.#rooms,
      seated: this.#roll.seated,
      onInternalError: (...error) => handlers.onInternalError(...error),
    })
    if (options.onDemand) return
    for (const [id, profile] of options.devices) this.#roll.enter(id, profile, options.born)
  }

  get size(): number {
    return this.#roll.sessions.size
  }

  /** The plan as it is kept. */
  get document(): PlanDocument {
    return this.#roll.document
  }

  /** The epoch before every new device's first one: none that is gone had a greater one. */
  get epochBase(): number {
    return this.#roll.epochBase
  }

  sessions(): IterableIterator<DeviceSession> {
    return this.#roll.sessions.values()
  }

  session(id: string): DeviceSession | undefined {
    return this.#roll.sessions.get(id)
  }

  /** Whose seat it is. */
  sessionAt(seat: number): DeviceSession | undefined {
    return this.#roll.seated[seat]
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
    if (!admitted)
      for (const { session, part } of tooFast) session.turnAway(part.bytes.length, part.mono)
    return admitted
  }

  /** Whether `admits` would find that a frame comes too fast, whatever it says; then it is counted here, and gone. */
  refuses(device: string, source: string, { marker, length, mono }: UnreadFrame): boolean {
    // What was kept for us, and a gateway's frames of others, need a closer look.
    if (this.#absences.has(source) || isAggregated(marker)) return false
    const session = this.#roll.sessions.get(device)
    if (!session?.isOverdrawn(mono)) return false
    session.turnAway(length, mono)
    return true
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
    for (const session of this.#holding) {
      session.release(until, (next, repeated) => this.#decode(session, next, repeated, false))
      if (session.held === 0) this.#holding.delete(session)
    }
  }

  /** What each device may send from now on. */
  limit(flood: BucketPolicy): void {
    Object.assign(this.#policy.flood, flood)
  }

  /** Does what an order says, among the frames; they come before or after it, never beside it. */
  obey(order: FleetOrder, at: Moment): OrderOutcome {
    const outcome = obey(this, order, at)
    this.#handlers.onObeyed?.(outcome)
    return outcome
  }

  /** Goes on under another plan; `renamed` devices keep what is known of them. */
  change(
    wanted: FleetPlan,
    at: Moment,
    renamed: readonly (readonly [string, string])[] = [],
  ): FleetChange {
    const change = this.#roll.change(wanted, at, renamed)
    this.#accepted = this.#roll.unplanned
    for (const { id } of change.added) this.unknown.forget(id)
    return change
  }

  /** Stands under the plan that was kept, before anything is restored; false where that cannot be read. */
  adopt(document: unknown, epochBase = 0): boolean {
    return this.#roll.adopt(document, epochBase, this.#options.born)
  }

  /** Forgets all that is known of a device, but for which keys it has used. */
  renew(id: string, at: Moment): FleetChange {
    return this.#roll.renew(id, at)
  }

  /** Every device, and whoever comes, goes on so many epochs later. */
  leap(epochs: number): void {
    this.#roll.leap(epochs)
  }

  /** All that is known of all devices, as JSON-like values. */
  save(): ReadonlyMap<string, unknown> {
    const kept = (session: DeviceSession) =>
      [session.id, keepDevice(session.profile, session.save())] as const
    return new Map(Array.from(this.#roll.sessions.values(), kept))
  }

  /** The same as it is now, but brought together bit by bit. */
  picture(): Picture {
    return new Picture(this.#rooms, this.#roll.seated)
  }

  /** Goes on where `save` stood. Returns the devices of which nothing can be restored: their model has changed. */
  restore(devices: Iterable<readonly [string, unknown]>): readonly string[] {
    const forgotten: string[] = []
    for (const [id, state] of devices) if (!this.restoreDevice(id, state)) forgotten.push(id)
    return forgotten
  }

  /**
   * The same for one device; false where its model has changed. One that is not configured is taken in, where such
   * devices are, else it is gone. `shift` where its times are of another clock.
   */
  restoreDevice(id: string, state: unknown, shift?: TimeShift): boolean {
    const session = this.#roll.sessions.get(id) ?? this.#takeIn(id, this.#options.born)
    if (!session) return true
    const memory = keptMemory(session.profile, state)
    if (memory === 'nothing') return true
    const ours = memory === 'other-model' || !shift ? memory : shiftMemory(memory, shift)
    if (ours !== 'other-model' && session.restore(ours)) {
      if (session.held > 0) this.#holding.add(session)
      return true
    }
    session.stream.beginAfter(keptEpoch(state))
    return false
  }

  /** All that is known of one device, as a JSON-like value; undefined where it has no room. */
  saveDevice(id: string): unknown {
    const session = this.#roll.sessions.get(id)
    return session && keepDevice(session.profile, session.save())
  }

  /** Closes a device's room, with all that is known of it. */
  forget(id: string): void {
    if (this.#roll.leave(id) && !this.#roll.plan.devices.has(id)) this.#accepted--
  }

  /** The devices that a frame is of: several where a gateway has put theirs together, none where it is no frame. */
  devicesOf(frame: Frame): readonly string[] {
    const parts = splitAggregated(frame)
    if (parts === undefined) return [frame.device]
    return parts.ok ? parts.value.map(({ device }) => device) : []
  }

  /**
   * Looks at what time changes, in every room where it may have changed something. Returns false where devices are left
   * that are to be looked at: the next call goes on with them, and should follow soon.
   */
  sweep(
    around: SweepFacts,
    lineOf: (session: DeviceSession) => LineFacts,
    onEvent: (session: DeviceSession, event: DeviceEvent) => void,
    onLooked: (session: DeviceSession) => void = () => {},
  ): boolean {
    return this.#sweep.look(around, lineOf, onEvent, onLooked)
  }

  /** Returns how many verdicts it has. */
  #acceptOne(frame: Frame): number {
    const session = this.#roomOf(frame)
    if (!session) return 0
    const window = this.#roll.plan.reorderWindows?.get(frame.source) ?? 0
    if (window === 0 && session.held === 0) this.#decode(session, frame, false, true)
    else this.#order(session, frame, window)
    return 1
  }

  #order(session: DeviceSession, frame: Frame, window: number): void {
    session.order(frame, window, (next, repeated) =>
      this.#decode(session, next, repeated, next === frame),
    )
    if (session.held > 0) this.#holding.add(session)
  }

  /** The room of a frame's device, which may be one that is taken in now. */
  #roomOf(frame: Frame): DeviceSession | undefined {
    return this.#roll.sessions.get(frame.device) ?? this.#takeIn(frame.device, frame)
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

  /** Opens a room for a device that has none: because it is configured, or where others are taken in. */
  #takeIn(id: string, { mono, wall }: Moment): DeviceSession | undefined {
    const { devices, unknownDevices, defaultProfile } = this.#roll.plan
    // The frame that it is known from is not to be kept for that.
    const born = { mono, wall }
    const configured = devices.get(id)
    if (configured !== undefined) return this.#roll.enter(id, configured, born)
    if (unknownDevices !== 'accept' || defaultProfile === undefined || this.#isFull)
      return undefined
    this.#accepted++
    const session = this.#roll.enter(id, defaultProfile, born)
    this.#handlers.onAccepted(session)
    return session
  }

  #letGo(session: DeviceSession): void {
    session.release(Number.POSITIVE_INFINITY, (next, repeated) =>
      this.#decode(session, next, repeated, false),
    )
  }
}
