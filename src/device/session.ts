import type { Frame } from '../framing/index.js'
import type { Absence, BucketPolicy, CircuitInput, CircuitPolicy } from '../resilience/index.js'
import { CircuitGuard, jitterOf } from './circuit-guard.js'
import type { DecodedFrame } from './decoded-frame.js'
import { DeviceHealth } from './device-health.js'
import type { DeviceEvent } from './event.js'
import { FloodGate } from './flood-gate.js'
import type { Peer } from './peer.js'
import { Plausibility } from './plausibility.js'
import type { DeviceProfile } from './profile.js'
import { type GoOn, ReorderWindow } from './reorder-window.js'
import type { SessionMemory } from './session-memory.js'
import type { DeviceStatus } from './status.js'
import { DeviceStream } from './stream.js'
import { decodeErrorEvent } from './stream-events.js'
import type { Moment, Surroundings } from './surroundings.js'
import { Tally } from './tally.js'
import type { FaultVerdict, ReadingsVerdict, SkipReason, Verdict } from './verdict.js'

export interface SessionPolicy {
  readonly circuit: CircuitPolicy
  readonly flood: BucketPolicy
}

const LEAST_TTL_MS = 60_000
const TTL_INTERVALS = 3
/** So many frames of the wrong shape in a row, none decoded in between, are no line noise. */
const MISSHAPEN = 3
const SHAPE_FAULTS: ReadonlySet<string> = new Set([
  'truncated',
  'trailing-bytes',
  'unused-bits',
  'wrong-length',
])

/** One device's room: every frame of it goes through here, and everything that is said of it comes from here. */
export class DeviceSession {
  readonly id: string
  readonly profile: DeviceProfile
  readonly stream: DeviceStream
  readonly tally = new Tally()
  /** Its place among the others of its model, where they are held against each other. */
  readonly #peer: Peer | undefined
  readonly #flood: FloodGate
  readonly #circuit: CircuitGuard
  readonly #health: DeviceHealth
  readonly #order: ReorderWindow
  readonly #plausibility: Plausibility
  #lastMono: number
  /** How long since then nobody could have heard it. */
  #deafMs = 0
  #lastWall: number | null = null
  #source = ''
  #online = false
  #isVouched = true
  #misshapen = 0

  constructor(
    id: string,
    profile: DeviceProfile,
    policy: SessionPolicy,
    born: Moment & { readonly epochBase?: number; readonly peer?: Peer | undefined },
  ) {
    this.id = id
    this.profile = profile
    this.stream = new DeviceStream(profile, born.epochBase)
    this.#plausibility = new Plausibility(profile, this.stream)
    this.#flood = new FloodGate(policy.flood)
    this.#circuit = new CircuitGuard(policy.circuit, jitterOf(id), born.mono)
    this.#health = new DeviceHealth(born)
    this.#order = new ReorderWindow(this.stream)
    this.#peer = born.peer
    this.#lastMono = born.mono
  }

  /** The door of its last frame; empty before the first. */
  get source(): string {
    return this.#source
  }

  get ttlMs(): number {
    return Math.max(LEAST_TTL_MS, TTL_INTERVALS * this.stream.interval.typicalMs)
  }

  /** Whether one more frame may come in now; takes it out of the device's budget. */
  admits({ mono }: Pick<Frame, 'mono'>, absence?: Absence): boolean {
    return this.#flood.admits(mono, absence)
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

  /** Counts a frame that was not let in. */
  turnAway({ bytes, mono }: Pick<Frame, 'bytes' | 'mono'>): void {
    this.tally.received++
    this.tally.bytesIn += bytes.length
    this.tally.skip('rate-limited')
    this.#flood.turnAway(mono)
  }

  /**
   * Decides what becomes of one frame that was let in; never throws on account of its content. A function of the
   * device's frames and their times alone, but for the events that tell of its peers: only of frames that are handled
   * when they come (`inTurn`), so that these are a function of all devices' frames in their order.
   */
  accept(frame: Frame, inTurn = true): Verdict {
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
      device: this.id,
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
    this.#deafMs += around.deafMs ?? 0
    const silentMs = mono - this.#lastMono - this.#deafMs
    const heard = this.#lastWall !== null
    const within = heard && silentMs <= this.ttlMs
    if (this.#online && !within)
      events.push({ wall, severity: 'warning', type: 'silent', silentMs })
    this.#online = within
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
    return events
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
    return {
      stream: this.stream.save(),
      held: this.#order.save(),
      circuit: this.#circuit.save(),
      tally: this.tally.save(),
      misshapen: this.#misshapen,
      ...(this.#plausibility.refused > 0 && { refused: this.#plausibility.refused }),
      ...(this.#peer && { peer: this.#peer.save() }),
      source: this.#source,
      lastMono: this.#lastMono,
      lastSeen: this.#lastWall,
    }
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: SessionMemory): boolean {
    if (!this.stream.restore(memory.stream)) return false
    this.#order.restore(this.id, memory.held)
    this.#circuit.restore(memory.circuit)
    this.tally.restore(memory.tally)
    this.#misshapen = memory.misshapen
    this.#plausibility.refused = memory.refused ?? 0
    if (memory.peer) this.#peer?.restore(memory.peer)
    this.#source = memory.source
    this.#lastMono = memory.lastMono
    this.#lastWall = memory.lastSeen
    return true
  }

  status(): DeviceStatus {
    const { tally, stream } = this
    return {
      device: this.id,
      health: this.#health.status,
      circuit: this.#circuit.shownState,
      sync: stream.sync.state,
      online: this.#online,
      since: this.#health.since,
      lastSeen: this.#lastWall,
      ttlMs: this.ttlMs,
      ...(!this.#isVouched && { integrity: 'none' }),
      ...(this.#peer?.isApart && { leftPeers: this.#peer.apart }),
      cause: this.#health.assessment.cause,
      message: this.#health.assessment.message,
      frames: {
        received: tally.received,
        decoded: tally.decoded,
        lost: stream.lost,
        duplicate: tally.duplicate,
        late: tally.late,
        rejected: tally.rejected,
        skipped: tally.skipped,
      },
      readings: { ...tally.readings },
      resync: { requested: tally.resyncRequested, completed: tally.resyncCompleted },
      bytes: { in: tally.bytesIn },
    }
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
    // Until the probes have decided, nothing passes as good.
    const channels = probing
      ? decoded.channels.map((reading) =>
          reading.quality === 'good' ? { ...reading, quality: 'uncertain' as const } : reading,
        )
      : decoded.channels
    const quality = probing && decoded.quality === 'good' ? 'uncertain' : decoded.quality
    for (const reading of channels) tally.readings[reading.quality]++
    for (const event of events) if (event.type === 'resynchronised') tally.resyncCompleted++
    const verdict: ReadingsVerdict = {
      kind: 'readings',
      device: this.id,
      frame,
      family: decoded.family,
      epoch: stream.epoch,
      seq: decoded.seq,
      quality,
      priority: decoded.priority,
      deviceTime: decoded.deviceTime,
      channels,
      wantsKeyframe: decoded.wantsKeyframe,
      events,
    }
    if (this.#peer && inTurn) events.push(...this.#peer.hear(verdict, this.ttlMs))
    return verdict
  }

  #reject(frame: Frame, fault: FaultVerdict['fault'], events: DeviceEvent[]): Verdict {
    this.tally.rejected++
    if (SHAPE_FAULTS.has(fault.code)) this.#misshapen++
    events.push(decodeErrorEvent(frame, fault))
    this.#turn({ type: 'failure' }, frame, events)
    return { kind: 'fault', device: this.id, frame, fault, events }
  }

  #skip(frame: Frame, why: SkipReason, events: DeviceEvent[]): Verdict {
    this.tally.skip(why)
    return { kind: 'skipped', device: this.id, frame, why, events }
  }

  #returned(frame: Frame, events: DeviceEvent[]): void {
    const silentMs = frame.mono - this.#lastMono
    if (silentMs > this.ttlMs && this.#lastWall !== null)
      events.push({ wall: frame.wall, severity: 'info', type: 'returned', silentMs })
    this.#online = true
    this.#lastMono = frame.mono
    this.#deafMs = 0
    this.#lastWall = frame.wall
    this.#source = frame.source
    this.#isVouched = frame.integrity !== 'none'
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
