import {
  compileProfile,
  type DeviceEvent,
  DeviceStream,
  type ModelSpec,
} from '../../src/device/index.js'
import { defaultSpec } from './default-spec.js'
import { mulberry } from './mulberry.js'
import { NaiveDevice } from './naive-device.js'

export interface LossyScenario {
  readonly seed: number
  readonly frames: number
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly loss: number
  readonly duplicates: number
  readonly swaps: number
  /** Chance of a reboot per frame, after which the first 0 … 10 frames are lost. */
  readonly reboots: number
  readonly notFinite: number
  readonly startMidStream: boolean
  readonly downlinks: boolean
  readonly maxStep: boolean
  /** What is declared, where it is not the truth. */
  readonly declare?: Partial<{ resolution: string; min: number; max: number; maxStep: number }>
}

export interface Tally {
  readings: number
  good: number
  /** Good but off by more than the tolerance. */
  wrong: number
  /** Off by more than the bound. */
  broken: number
  bad: number
  downlinks: number
  events: Map<string, number>
  firstWrong: string
}

interface Signal {
  readonly resolution: string
  readonly digits: number
  readonly steps: number
  readonly min: number
  readonly max: number
}

const signals: readonly Signal[] = [
  { resolution: '0.1', digits: 1, steps: 1, min: -40, max: 85 },
  { resolution: '1', digits: 0, steps: 1, min: 0, max: 100 },
  { resolution: '0.01', digits: 2, steps: 5, min: 900, max: 1100 },
  { resolution: '1', digits: 0, steps: 20, min: 300, max: 2000 },
]

const INTERVAL = 60_000

/** Runs one device through a faulty link into a stream and compares every reading with what was measured. */
export function runLossy(scenario: LossyScenario): Tally {
  const random = mulberry(scenario.seed)
  const chosen = signals.slice(0, 1 + Math.floor(random() * signals.length))
  const spec: ModelSpec = {
    ...defaultSpec,
    profile: scenario.profile,
    intervalMs: INTERVAL,
    channels: chosen.map((signal, i) => ({
      name: `c${i}`,
      resolution: signal.resolution,
      min: signal.min,
      max: signal.max,
      ...(scenario.maxStep && {
        maxStep: Number((signal.steps / 10 ** signal.digits).toFixed(signal.digits)),
      }),
      ...scenario.declare,
    })),
  }
  const profile = compileProfile(spec)
  const stream = new DeviceStream(profile)
  const tally: Tally = {
    readings: 0,
    good: 0,
    wrong: 0,
    broken: 0,
    bad: 0,
    downlinks: 0,
    events: new Map(),
    firstWrong: '',
  }
  const boot = () =>
    new NaiveDevice({ channels: chosen.length, keyframeInterval: 50, profile: scenario.profile })
  let device = boot()
  const levels = chosen.map((signal) =>
    Math.round((signal.min + random() * (signal.max - signal.min)) * 10 ** signal.digits),
  )
  const truths = new Map<Uint8Array, number[]>()
  let held: Uint8Array | undefined
  let dark = scenario.startMidStream ? 1 + Math.floor(random() * 300) : 0

  const deliver = (bytes: Uint8Array, mono: number) => {
    const truth = truths.get(bytes)!
    const events: DeviceEvent[] = []
    const outcome = stream.accept(
      { device: 'd', bytes, mono, wall: mono, integrity: 'crc32', source: 'test' },
      events,
    )
    for (const event of events)
      tally.events.set(event.type, (tally.events.get(event.type) ?? 0) + 1)
    if (outcome.kind !== 'decoded') return
    let allGood = true
    for (const reading of outcome.channels) {
      const i = Number(reading.name.slice(1))
      const off = Math.abs(reading.value - truth[i]!)
      tally.readings++
      if (reading.quality === 'bad') {
        tally.bad++
        continue
      }
      if (reading.quality === 'good') tally.good++
      else allGood = false
      const where = () =>
        `seed ${scenario.seed} frame ${outcome.seq} epoch ${stream.epoch} ${reading.name}: ${reading.value} ± ${reading.bound} was ${truth[i]}`
      if (Number.isNaN(truth[i]!) || off > reading.bound) {
        tally.broken++
        tally.firstWrong ||= where()
      }
      if (reading.quality === 'good' && !(off <= profile.tolerances[i]!)) {
        tally.wrong++
        tally.firstWrong ||= where()
      }
    }
    if (scenario.downlinks && !allGood && stream.sync.recovering) {
      tally.downlinks++
      device.askForKeyframe()
    }
  }

  for (let n = 0; n < scenario.frames; n++) {
    const mono = n * INTERVAL
    if (random() < scenario.reboots) {
      device = boot()
      dark = Math.floor(random() * 11)
    }
    const values = chosen.map((signal, i) => {
      const moved = random() < 0.5 ? 0 : Math.round((random() * 2 - 1) * signal.steps)
      const scaleUp = 10 ** signal.digits
      levels[i] = Math.min(signal.max * scaleUp, Math.max(signal.min * scaleUp, levels[i]! + moved))
      const kind = random() < scenario.notFinite ? random() : 1
      if (kind < 0.6) return Number.NaN
      if (kind < 1) return kind < 0.8 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      return Math.round(levels[i]!) / scaleUp
    })
    const bytes = device.encode(values)
    truths.set(bytes, values)
    if (dark > 0) {
      dark--
      continue
    }
    if (random() < scenario.loss) continue
    if (random() < scenario.swaps && held === undefined) {
      held = bytes
      continue
    }
    deliver(bytes, mono)
    if (random() < scenario.duplicates) deliver(bytes, mono + 1)
    if (held) {
      deliver(held, mono + 2)
      held = undefined
    }
    if (truths.size > 100 && held === undefined) truths.clear()
  }
  return tally
}
