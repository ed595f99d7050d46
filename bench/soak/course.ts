import {
  type FaultRates,
  type NodeFrame,
  type NodeSpec,
  noFaults,
  Random,
  SimulatedDevice,
} from '../../firmware-sim/index.js'
import {
  type ChannelSpec,
  compileProfile,
  type DeviceEvent,
  DeviceSession,
  type ModelSpec,
  type ReadingsVerdict,
} from '../../src/device/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { Wire } from './wire.js'

/** One device, its faults, and what its bridge is told. */
export interface Course {
  readonly seed: number
  readonly frames: number
  readonly node: NodeSpec
  readonly rates: Partial<FaultRates>
  /** Frames that went by before the bridge began to listen. */
  readonly missedAtStart: number
  /** Chance per frame that the bridge restarts: a new session goes on from what the old one saved. */
  readonly restarts?: number
  /** Whether keyframe requests reach the device. */
  readonly downlinks: boolean
  /** Declarations that replace the true ones of every channel. */
  readonly declare?: Partial<Pick<ChannelSpec, 'resolution' | 'min' | 'max' | 'maxStep'>>
  /** 1 for the bounds as they are; 0.5 shows that this course can fail. */
  readonly boundFactor?: number
}

export interface CourseResult {
  frames: number
  bytes: number
  readings: number
  good: number
  /** Good, and off by more than the tolerance. */
  wrong: number
  /** Off by more than the bound. */
  broken: number
  /** Wrong although the contradiction had been found on that channel. */
  wrongAfterDetection: number
  downlinks: number
  /** Frames that each recovery took. */
  recoveries: number[]
  /** Frames until the first false declaration was found; −1 where none was. */
  detectedAt: number
  /** The first failure, for people. */
  failure: string
}

const START = Date.UTC(2026, 0, 1)
const KEYFRAME = Uint8Array.of(0xff)
const POLICY = { circuit: defaultCircuitPolicy, flood: { perSecond: 1e9, burst: 1e9 } }

/** Runs one device through its faults into a session and holds every reading against what was measured. */
export function runCourse(course: Course): CourseResult {
  const { node, missedAtStart } = course
  const rates: FaultRates = { ...noFaults, ...course.rates }
  const device = new SimulatedDevice(node, rates, new Random(course.seed), START)
  const profile = compileProfile(modelOf(node, course.declare))
  const open = (mono: number) =>
    new DeviceSession(node.id, profile, POLICY, { mono, wall: START + mono })
  const wire = new Wire(rates, new Random(course.seed))
  const judge = new Judge(course, open(0))
  const restart = new Random(course.seed).fork('restarts')
  let sent = 0
  while (sent < missedAtStart + course.frames) {
    const now = device.nextAt
    const deliveries = device.step(now)
    sent++
    if (sent <= missedAtStart) continue
    judge.result.frames++
    if (course.restarts && restart.chance(course.restarts)) judge.restart(open(now - START))
    for (const { bytes, frame } of deliveries) {
      judge.result.bytes += bytes.length
      for (const arrived of wire.carry(bytes)) {
        if (judge.take(arrived, now - START, frame) && course.downlinks) {
          judge.result.downlinks++
          device.receive(KEYFRAME)
        }
      }
    }
  }
  return judge.result
}

class Judge {
  readonly result: CourseResult = {
    frames: 0,
    bytes: 0,
    readings: 0,
    good: 0,
    wrong: 0,
    broken: 0,
    wrongAfterDetection: 0,
    downlinks: 0,
    recoveries: [],
    detectedAt: -1,
    failure: '',
  }
  readonly #course: Course
  #session: DeviceSession
  readonly #refuted = new Set<string>()

  constructor(course: Course, session: DeviceSession) {
    this.#course = course
    this.#session = session
  }

  /** Goes on in another session, with what the one before saves. */
  restart(session: DeviceSession): void {
    if (!session.restore(structuredClone(this.#session.save()))) throw new Error('not restored')
    this.#session = session
  }

  /** Hands in one frame; true where the bridge would ask for a keyframe. */
  take(bytes: Uint8Array, mono: number, truth: NodeFrame | undefined): boolean {
    const verdict = this.#session.accept({
      device: this.#session.id,
      bytes,
      mono,
      wall: START + mono,
      integrity: 'crc32',
      source: 'soak',
    })
    for (const event of verdict.events) this.#hear(event)
    if (verdict.kind !== 'readings') return false
    if (truth) this.#compare(verdict, truth)
    return verdict.wantsKeyframe
  }

  #hear(event: DeviceEvent): void {
    if (event.type === 'resynchronised') this.result.recoveries.push(event.frames)
    if (event.type !== 'wrong_declaration') return
    this.#refuted.add(event.channel)
    if (this.result.detectedAt < 0) this.result.detectedAt = this.result.frames
  }

  #compare(verdict: ReadingsVerdict, truth: NodeFrame): void {
    const { result } = this
    const { names, tolerances } = this.#session.profile
    for (const { name, value, bound, quality } of verdict.channels) {
      result.readings++
      if (quality === 'bad') continue
      const channel = names.indexOf(name)
      const measured = truth.values[channel] ?? Number.NaN
      const off = Math.abs(value - measured)
      // An unbounded reading promises nothing, not even a number.
      const broken = Number.isFinite(bound) && !(off <= bound * (this.#course.boundFactor ?? 1))
      const wrong = quality === 'good' && !(off <= (tolerances[channel] ?? 0))
      if (quality === 'good') result.good++
      if (broken) result.broken++
      if (wrong) result.wrong++
      if (wrong && this.#refuted.has(name)) result.wrongAfterDetection++
      if (broken || wrong) {
        result.failure ||= `seed ${this.#course.seed}, epoch ${verdict.epoch} seq ${verdict.seq} ${name}: ${value} ± ${bound} (${quality}) was ${measured}`
      }
    }
  }
}

/** The model that a bridge has of a node, true but for what is declared otherwise. */
export function modelOf(node: NodeSpec, declare?: Course['declare']): ModelSpec {
  const compact = node.frames === 'compact'
  return {
    frames: compact ? 'compact' : 'standard',
    checksum: node.checksum,
    profile: node.profile,
    intervalMs: node.intervalMs,
    scale: node.scale,
    keyframeInterval: node.keyframeInterval,
    multi: node.frames === 'plain-multi' ? 'plain' : 'adaptive',
    suppresses: node.suppresses,
    channels: node.channels.map(({ name, kind, source }) => ({
      name,
      quantity: kind.quantity,
      resolution: kind.resolution,
      min: kind.min,
      max: kind.max,
      maxStep: kind.maxStep,
      source,
      ...declare,
    })),
  }
}
