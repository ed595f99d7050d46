import {
  type LineFaultRates,
  LineFaults,
  type NodeSpec,
  noFaults,
  Random,
  SimulatedDevice,
} from '../../firmware-sim/index.js'
import { compileProfile, DeviceSession, type ReadingsVerdict } from '../../src/device/index.js'
import { idleGapMs, type LineFormat, longestFrameMs, wrapFrame } from '../../src/framing/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import {
  type LineHandlers,
  LineSource,
  NO_ADDRESS,
  type SourceCounters,
} from '../../src/transport/index.js'
import { modelOf } from '../soak/course.js'
import { SentFrames } from './sent-frames.js'
import { SteppedClock } from './stepped-clock.js'

/** One device on a line that damages what it sends. */
export interface LineCourse {
  readonly seed: number
  readonly frames: number
  readonly format: LineFormat
  readonly rates: Partial<LineFaultRates>
  readonly node: NodeSpec
}

export interface LineCourseResult {
  readonly frames: number
  readonly damaged: number
  /** Whole on the wire, and lost beside a damaged one; and the most of these in a row. */
  readonly lostWhole: number
  readonly longestLoss: number
  /** Came out of the line, and nobody had sent them. */
  readonly madeUp: number
  /** Of those: decoded, so that readings came of them. */
  readonly madeUpTaken: number
  readonly readings: number
  readonly good: number
  /** Good, and off by more than the tolerance. */
  readonly wrong: number
  readonly downlinks: number
  readonly counters: SourceCounters
}

const START = Date.UTC(2026, 0, 1)
const BAUD_RATE = 115_200
const KEYFRAME = Uint8Array.of(0xff)
/** What a delimiter ends is trusted without a checksum too. */
const beginning = {
  cobs: Uint8Array.of(0),
  slip: Uint8Array.of(0xc0),
  hex: Uint8Array.of(0x0a),
  length: new Uint8Array(0),
}
const UNLIMITED = { perSecond: 1e9, burst: 1e9 }

/** Sends a device's frames over the line into the bridge's door and session; holds every reading against the truth. */
export function runLineCourse({ seed, frames, format, rates, node }: LineCourse): LineCourseResult {
  const random = new Random(seed)
  const device = new SimulatedDevice(node, noFaults, random, START)
  const wire = new LineFaults({ ...noFaults, ...rates }, random.fork('wire'))
  const clock = new SteppedClock(START)
  const sent = new SentFrames()
  const counts = { madeUp: 0, madeUpTaken: 0, readings: 0, good: 0, wrong: 0, downlinks: 0 }
  const profile = compileProfile(modelOf(node))
  const policy = { circuit: defaultCircuitPolicy, flood: UNLIMITED }
  const session = new DeviceSession(node.id, profile, policy, { mono: 0, wall: START })

  const compare = (verdict: ReadingsVerdict, measured: readonly number[]): void => {
    for (const { name, value, quality } of verdict.channels) {
      counts.readings++
      if (quality !== 'good') continue
      counts.good++
      const channel = profile.names.indexOf(name)
      const off = Math.abs(value - (measured[channel] ?? Number.NaN))
      if (!(off <= (profile.tolerances[channel] ?? 0))) counts.wrong++
    }
  }

  let line: LineHandlers | undefined
  const source = new LineSource({
    door: {
      address: 'simulated',
      open: (handlers) => {
        line = handlers
        return { backlog: 0, write: () => true, close: () => {} }
      },
    },
    format,
    devices: new Map([[NO_ADDRESS, node.id]]),
    idleGapMs: idleGapMs(BAUD_RATE),
    longestFrameMs: longestFrameMs(format, BAUD_RATE),
    fullReadBytes: Number.POSITIVE_INFINITY,
    reopen: { firstMs: 1, minMs: 1, maxMs: 1 },
    portLimit: UNLIMITED,
    clock,
    random: () => 0.5,
  })
  source.start({
    onState: () => {},
    onUnknown: () => {},
    onFrame: (frame) => {
      const origin = sent.find(frame.bytes)
      if (!origin) counts.madeUp++
      const verdict = session.accept(frame)
      if (verdict.kind !== 'readings') return true
      if (!origin) counts.madeUpTaken++
      compare(verdict, (origin ?? sent.lastDamaged)?.values ?? [])
      if (!verdict.wantsKeyframe) return true
      counts.downlinks++
      device.receive(KEYFRAME)
      return true
    },
  })
  line?.onOpened()
  line?.onData(beginning[format.framing])

  let count = 0
  while (count < frames) {
    const now = device.nextAt
    for (const { frame } of device.step(now)) {
      if (!frame) continue
      count++
      const wrapped = wrapFrame(format, frame.bytes)
      const received = wire.apply(wrapped)
      sent.add(frame, Buffer.compare(wrapped, received) !== 0)
      clock.advanceTo(now - START)
      line?.onData(received)
    }
  }
  clock.advanceTo(clock.mono() + 1000)
  sent.end()
  const { damaged, lostWhole, longestLoss } = sent
  return { frames: count, damaged, lostWhole, longestLoss, ...counts, counters: source.counters() }
}
