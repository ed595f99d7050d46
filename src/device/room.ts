import type { Frame } from '../framing/index.js'
import type { Absence, CircuitInput } from '../resilience/index.js'
import { nextSilenceMs } from './assessment.js'
import { CircuitGuard, jitterOf } from './circuit-guard.js'
import type { DecodedFrame } from './decoded-frame.js'
import { DeviceHealth } from './device-health.js'
import type { DeviceEvent } from './event.js'
import { FloodGate } from './flood-gate.js'
import { isShapeFault, MISSHAPEN } from './misshapen.js'
import type { Parcel } from './parcel.js'
import type { Peer, Tenant } from './peer.js'
import { Plausibility } from './plausibility.js'
import { Presence } from './presence.js'
import type { DeviceProfile } from './profile.js'
import { onProbation, readingsVerdict } from './readings-verdict.js'
import { type GoOn, ReorderWindow } from './reorder-window.js'
import { type SessionMemory, withRareParts } from './session-memory.js'
import type { DeviceStatus } from './status.js'
import { statusOf } from './status-parts.js'
import { DeviceStream } from './stream.js'
import { decodeErrorEvent } from './stream-events.js'
import type { Born, Ears, Moment, SessionPolicy, Surroundings } from './surroundings.js'
import { Tally } from './tally.js'
import type { FaultVerdict, SkipReason, Verdict } from './verdict.js'

const LEAST_TTL_MS = 60_000
const TTL_INTERVALS = 3
/**
 * Where a device's frames are worked on. A room is made for a profile, and serves the devices of it one after the other:
 * what one leaves behind is packed and laid aside, and taken up when its next frame comes (see `Rooms`).
 */
export class DeviceRoom {
  readonly profile: DeviceProfile
  readonly stream: DeviceStream
  readonly tally = new Tally()
  readonly #presence: Presence
  readonly #flood: FloodGate
  readonly #circuit: CircuitGuard
  readonly #health: DeviceHealth
  readonly #order: ReorderWindow
  readonly #plausibility: Plausibility
  #device = ''
  #peer: Peer | undefined
  #misshapen = 0
  #lookAt = Number.NEGATIVE_INFINITY

  constructor(
    profile: DeviceProfile,
    policy: SessionPolicy,
    epochBase = 0,
    ears: Ears = { deafMs: 0 },
  ) {
    this.profile = profile
    this.#presence = new Presence(ears)
    this.stream = new DeviceStream(profile, epochBase)
    this.#plausibility = new Plausibility(profile, this.stream)
    this.#flood = new FloodGate(policy.flood)
    this.#circuit = new CircuitGuard(policy.circuit, 0, 0)
    this.#health = new DeviceHealth({ mono: 0, wall: 0 })
    this.#order = new ReorderWindow(this.stream)
  }

  /** A device moves in of which nothing is known; the room must be as a new one. */
  begin({ id, peer }: Tenant, born: Born): void {
    this.#device = id
    this.#peer = peer
    this.#circuit.begin(jitterOf(id), born.mono)
    this.#health.begin(born)
    this.#presence.begin(born.mono)
    this.stream.beginAfter(born.epochBase ?? 0)
  }

  /** Lays down all that is known of the device, beside its id. */
  pack(parcel: Parcel): void {
    this.#flood.pack(parcel)
    this.#presence.pack(parcel)
    this.stream.pack(parcel)
    this.tally.pack(parcel)
    this.#circuit.pack(parcel)
    this.#health.pack(parcel)
    this.#order.pack(parcel)
    parcel.putUsual(this.#plausibility.refused, 0)
    parcel.putUsual(this.#misshapen, 0)
  }

  /** A device moves in of which another room of the same profile has laid this down. */
  unpack({ id, peer }: Tenant, parcel: Parcel): void {
    this.#device = id
    this.#peer = peer
    this.#flood.unpack(parcel)
    this.#presence.unpack(parcel)
    this.stream.unpack(parcel)
    this.tally.unpack(parcel)
    this.#circuit.unpack(parcel)
    this.#health.unpack(parcel)
    this.#order.unpack(parcel)
    this.#plausibility.refused = parcel.takeUsual(0)
    this.#misshapen = parcel.takeUsual(0)
  }

  /** The door of its last frame; empty before the first. */
  get source(): string {
    return this.#presence.source
  }

  get ttlMs(): number {
    return Math.max(LEAST_TTL_MS, TTL_INTERVALS * this.stream.interval.typicalMs)
  }

  /** Whether a frame beyond the device's budget may come in, since its door was not there until lately. */
  admitsAfter(absence: Absence, { mono }: Pick<Frame, 'mono'>): boolean {
    return this.#flood.admitsAfter(absence, mono)
  }

  /** Frames that came too early and are held for their turn. */
  get held(): number {
    return this.#order.size
  }

  /** Puts a frame in order, by its door's reorder window; `go` hears of each whose turn it is, this one or others. */
  order(frame: Frame, window: number, go: GoOn): void {
    this.#order.take(frame, window, go)
  }

  /** The time of what is held may be over; every frame that came before `until` must have been put in order. */
  release(until: number, go: GoOn): void {
    this.#order.release(until, go)
  }

  /** A frame that is held came once more. */
  repeat(frame: Frame): Verdict {
    this.tally.received++
    this.tally.bytesIn += frame.bytes.length
    return this.#skip(frame, 'duplicate', [])
  }

  /** Counts a frame of so many bytes that was not let in. */
  turnAway(length: number, mono: number): void {
    this.tally.received++
    this.tally.bytesIn += length
    this.tally.skip('rate-limited')
    this.#flood.turnAway(mono)
  }

  /**
   * Decides what becomes of one frame that was let in; never throws on account of its content. A function of the
   * device's frames and their times alone, but for the events that tell of its peers: only of frames that are handled
   * when they come (`inTurn`), so that these are a function of all devices' frames in their order.
   */
  accept(frame: Frame, inTurn: boolean): Verdict {
    const { tally } = this
    const events: DeviceEvent[] = []
    tally.received++
    tally.bytesIn += frame.bytes.length
    this.#returned(frame, events)
    this.#turn({ type: 'tick', intervalMs: this.stream.interval.typicalMs }, frame, events)
    if (!this.#circuit.admits) return this.#skip(frame, 'circuit-open', events)

    const probing = this.#circuit.state === 'half-open'
    const fault = frame.integrity === 'none' ? this.#plausibility.faultOf(frame) : undefined
    const outcome = fault ? ({ kind: 'fault', fault } as const) : this.stream.accept(frame, events)
    // A frame that is not decoded decides nothing: it takes no probe's place.
    if (probing && outcome.kind !== 'skipped') this.#turn({ type: 'probe' }, frame, events)
    switch (outcome.kind) {
      case 'skipped':
        return this.#skip(frame, outcome.why, events)
      case 'fault':
        return this.#reject(frame, outcome.fault, events)
      case 'decoded':
        return this.#readings(frame, outcome, probing, inTurn, events)
    }
  }

  /** An exception escaped while this frame was handled: the circuit opens, other devices go on. */
  fail(frame: Frame, message: string): Verdict {
    const events: DeviceEvent[] = []
    this.tally.rejected++
    events.push({ wall: frame.wall, severity: 'error', type: 'internal_error', message })
    this.#turn({ type: 'internal-error' }, frame, events)
    return {
      kind: 'fault',
      device: this.#device,
      frame,
      fault: { code: 'internal-error', offset: 0, message },
      events,
    }
  }

  /** Looks at all that time changes: silence, circuit, health. Returns what happened. */
  sweep(around: Surroundings): readonly DeviceEvent[] {
    const events: DeviceEvent[] = []
    const { wall, mono } = around
    const { typicalMs } = this.stream.interval
    this.#circuit.look(mono, typicalMs)
    const presence = this.#presence
    const silentMs = presence.silentMs(mono)
    const heard = presence.lastWall !== null
    const within = heard && silentMs <= this.ttlMs
    if (presence.online && !within)
      events.push({ wall, severity: 'warning', type: 'silent', silentMs })
    presence.online = within
    const dropped = this.#flood.report()
    if (dropped > 0) events.push({ wall, severity: 'warning', type: 'flooding', dropped })
    const { recovering, cause, message } = this.stream.sync
    const changed = this.#health.evaluate(
      {
        heard,
        silenceMs: silentMs,
        ttlMs: this.ttlMs,
        intervalMs: typicalMs,
        linkUp: around.linkUp,
        lineNoisy: around.lineNoisy,
        circuit: this.#circuit.shownState,
        internalError: this.#circuit.failedInside,
        flooding: this.#flood.isFlooding(mono),
        poisoned: this.stream.reader.poisoned,
        clockSynced: around.clockSynced,
        lossRatio: this.stream.losses.ratio,
        hasKeyframes: this.profile.hasKeyframes,
        misshapen: this.#misshapen >= MISSHAPEN,
        falseDeclaration: this.stream.reader.falseDeclaration,
        recovery: recovering && cause ? { cause, message } : undefined,
      },
      around,
    )
    if (changed) events.push(changed)
    this.#lookAt = this.#nextLook(mono, silentMs, heard)
    return events
  }

  /** When time may change something next if no frame comes, just after a sweep; monotonic milliseconds. */
  get lookAt(): number {
    return this.#lookAt
  }

  /** Every time where a circuit or a health is on its way; else where the silence comes to a limit. */
  #nextLook(mono: number, silentMs: number, heard: boolean): number {
    const isMoving = this.#circuit.shownState !== 'closed' || this.#flood.isFlooding(mono)
    if (isMoving || !this.#health.isSettled) return Number.NEGATIVE_INFINITY
    const limitMs = heard
      ? nextSilenceMs(silentMs, this.ttlMs, this.stream.intervalMs)
      : Number.POSITIVE_INFINITY
    return mono - silentMs + limitMs
  }

  /** A keyframe request has left for the device. */
  resyncSent(wall: number, reason: string): DeviceEvent {
    this.tally.resyncRequested++
    return { wall, severity: 'info', type: 'resync_requested', reason }
  }

  /** Resets, opens or closes the circuit by hand. */
  command(type: 'reset' | 'force-open' | 'force-closed', at: Moment): readonly DeviceEvent[] {
    const events: DeviceEvent[] = []
    this.#turn({ type }, at, events)
    return events
  }

  save(): SessionMemory {
    return withRareParts(this.#plausibility.refused, this.#peer?.save(), {
      stream: this.stream.save(),
      held: this.#order.save(),
      circuit: this.#circuit.save(),
      tally: this.tally.save(),
      misshapen: this.#misshapen,
      source: this.#presence.source,
      lastMono: this.#presence.lastMono,
      lastSeen: this.#presence.lastWall,
    })
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: SessionMemory): boolean {
    if (!this.stream.restore(memory.stream)) return false
    this.#order.restore(this.#device, memory.held)
    this.#circuit.restore(memory.circuit)
    this.tally.restore(memory.tally)
    this.#misshapen = memory.misshapen
    this.#plausibility.refused = memory.refused ?? 0
    if (memory.peer) this.#peer?.restore(memory.peer)
    this.#presence.source = memory.source
    this.#presence.lastMono = memory.lastMono
    this.#presence.lastWall = memory.lastSeen
    return true
  }

  status(): DeviceStatus {
    const { tally, stream, ttlMs } = this
    return statusOf({
      device: this.#device,
      presence: this.#presence,
      peer: this.#peer,
      health: this.#health,
      circuit: this.#circuit.shownState,
      tally,
      stream,
      ttlMs,
    })
  }

  #readings(
    frame: Frame,
    decoded: DecodedFrame,
    probing: boolean,
    inTurn: boolean,
    events: DeviceEvent[],
  ): Verdict {
    const { tally, stream } = this
    tally.decoded++
    this.#misshapen = 0
    this.#turn({ type: decoded.conflict ? 'failure' : 'success' }, frame, events)
    const judged = probing ? onProbation(decoded) : decoded
    for (const reading of judged.channels) tally.readings[reading.quality]++
    for (const event of events) if (event.type === 'resynchronised') tally.resyncCompleted++
    const verdict = readingsVerdict(this.#device, frame, stream.epoch, judged, events)
    if (this.#peer && inTurn) events.push(...this.#peer.hear(verdict, this.ttlMs))
    return verdict
  }

  #reject(frame: Frame, fault: FaultVerdict['fault'], events: DeviceEvent[]): Verdict {
    this.tally.rejected++
    if (isShapeFault(fault.code)) this.#misshapen++
    events.push(decodeErrorEvent(frame, fault))
    this.#turn({ type: 'failure' }, frame, events)
    return { kind: 'fault', device: this.#device, frame, fault, events }
  }

  #skip(frame: Frame, why: SkipReason, events: DeviceEvent[]): Verdict {
    this.tally.skip(why)
    return { kind: 'skipped', device: this.#device, frame, why, events }
  }

  #returned(frame: Frame, events: DeviceEvent[]): void {
    const silentMs = frame.mono - this.#presence.lastMono
    if (silentMs > this.ttlMs && this.#presence.lastWall !== null)
      events.push({ wall: frame.wall, severity: 'info', type: 'returned', silentMs })
    this.#presence.hear(frame)
  }

  #turn(input: CircuitInput, at: Moment, events: DeviceEvent[]): void {
    const { openings } = this.#circuit
    const event = this.#circuit.turn(input, at)
    // What goes by while it is open is not seen.
    const opened = event?.type === 'circuit_opened' || this.#circuit.openings > openings
    if (opened) this.stream.desynchronise()
    if (event) events.push(event)
  }
}
