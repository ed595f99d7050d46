import {
  type NodeSpec,
  Random,
  type SensorKindName,
  sensorKindNames,
  sensorKinds,
} from '../../firmware-sim/index.js'
import type { OverflowChoice } from '../../src/control/overflow.js'
import type { LineFormat } from '../../src/framing/index.js'
import { type FaultKind, faultKinds, type Strengths } from './fault-kinds.js'
import type { PlantedBug } from './planted-bugs.js'

export interface LinePlan {
  readonly id: string
  readonly format: LineFormat
  readonly baudRate: number
}

export interface DevicePlan {
  readonly node: NodeSpec
  /** The line that it is on, by id, and its address there; undefined where it talks to the broker. */
  readonly line: { readonly id: string; readonly address: number } | undefined
  readonly qos: 0 | 1
  /** What people may do to it: nothing but what leaves it where it is, call it something else, or take it out. */
  readonly fate: 'stays' | 'renamed' | 'leaves'
}

export interface OverflowPlan {
  readonly maxBytes: number
  readonly choice: OverflowChoice | 'by-door'
  /** What `thin` leaves of a device, by its intervals. */
  readonly thinIntervals: number
}

/** One world: all of it follows from the seed, and from what a shrinking has taken away. */
export interface Plan {
  readonly seed: number
  /** Simulated time with faults; the healed time comes on top. */
  readonly horizonMs: number
  readonly devices: readonly DevicePlan[]
  readonly lines: readonly LinePlan[]
  readonly strengths: Strengths
  readonly window: number
  readonly maxQueued: number
  /** Where the journal is small. */
  readonly overflow: OverflowPlan
  /** Nothing but the devices' own faults is left to chance: two worlds differ by their devices alone. */
  readonly steady?: boolean
  /** A device that is not there, though everything else is as if it were. */
  readonly absent?: string
  readonly planted?: PlantedBug
}

export interface Scale {
  readonly devices: readonly [least: number, most: number]
  readonly intervalMs: readonly [least: number, most: number]
  /** Frames of the slowest device; the horizon follows. */
  readonly frames: readonly [least: number, most: number]
}

/** Small worlds, many of them. */
export const shortScale: Scale = {
  devices: [1, 5],
  intervalMs: [2000, 60_000],
  frames: [15, 40],
}

/** Big worlds for a long time: for device-hours. */
export const longScale: Scale = {
  devices: [60, 120],
  intervalMs: [900_000, 7_200_000],
  frames: [8, 24],
}

/** `wanted` kinds are there in any case, of those that are drawn apart. */
export function planOf(
  seed: number,
  scale: Scale = shortScale,
  wanted: readonly string[] = [],
): Plan {
  const random = new Random(seed).fork('plan')
  const lines = linesOf(random.fork('lines'))
  const all = devicesOf(random.fork('devices'), scale, lines)
  const some = (kind: FaultKind, own: Random) => someOf(kind, own, wanted.includes(kind))
  const people = peopleOf(random.fork('people'), some)
  const devices = people.size > 0 && random.fork('twins').chance(0.5) ? alike(all) : all
  const slowest = Math.max(...devices.map(({ node }) => node.intervalMs))
  const frames = random.between(...scale.frames)
  return {
    seed,
    horizonMs: Math.round(slowest * frames),
    devices,
    lines,
    strengths: new Map([
      ...strengthsOf(random.fork('faults')),
      ...some('rejections', random.fork('rejections')),
      ...some('small-journal', random.fork('small journal')),
      ...people,
    ]),
    window: 1 + random.below(100),
    maxQueued: random.chance(0.8) ? 100_000 : 100,
    overflow: overflowOf(random.fork('overflow'), devices),
  }
}

const apart: readonly FaultKind[] = ['rejections', 'small-journal', 'edits', 'requests']
const drawn = faultKinds.filter((kind) => !apart.includes(kind))

/** Mostly mild, some brutal, in a fifth of the seeds one kind alone. */
function strengthsOf(random: Random): Strengths {
  const mood = random.next()
  if (mood < 0.2) {
    const kind = drawn[random.below(drawn.length)] ?? 'loss'
    return new Map([[kind, random.between(0.3, 1)]])
  }
  const [share, least, most] = mood < 0.75 ? [0.3, 0.02, 0.3] : [0.6, 0.2, 1]
  const chosen = drawn.filter(() => random.chance(share))
  return new Map(chosen.map((kind: FaultKind) => [kind, random.between(least, most)]))
}

/** Drawn apart from the others: nothing of them depends on it. */
const someOf = (kind: FaultKind, random: Random, isWanted: boolean): Strengths =>
  random.chance(0.15) || isWanted ? new Map([[kind, random.between(0.2, 1)]]) : new Map()

const peopleOf = (
  random: Random,
  some: (kind: FaultKind, random: Random) => Strengths,
): Strengths =>
  new Map([...some('edits', random.fork('edits')), ...some('requests', random.fork('requests'))])

/** All of one model: what is taken for another shows in nothing but the values. */
const alike = (devices: readonly DevicePlan[]): DevicePlan[] =>
  devices.map((device) => ({
    ...device,
    node: { ...device.node, ...devices[0]?.node, id: device.node.id },
  }))

/** A node on a wire cannot wait: where there is one, something has to give way. */
function overflowOf(random: Random, devices: readonly DevicePlan[]): OverflowPlan {
  const waiting = devices.some(({ line }) => line) ? [] : (['by-door', 'block'] as const)
  return {
    maxBytes: Math.round(2048 * 8 ** random.next()),
    choice: pick(random, [...waiting, 'drop-oldest', 'drop-newest', 'thin'] as const),
    thinIntervals: random.between(2, 8),
  }
}

function linesOf(random: Random): LinePlan[] {
  return Array.from({ length: random.below(3) }, (_, i) => {
    const framing = pick(random, ['cobs', 'cobs', 'slip', 'length', 'hex'] as const)
    const address = random.chance(0.5) ? ('byte' as const) : ('none' as const)
    return {
      id: `line-${i}`,
      format: { framing, crc: 'crc32', address, maxFrame: 4096 },
      baudRate: pick(random, [9600, 57_600, 115_200]),
    }
  })
}

function devicesOf(random: Random, scale: Scale, lines: readonly LinePlan[]): DevicePlan[] {
  const [least, most] = scale.devices
  const count = least + random.below(most - least + 1)
  const taken = new Map<string, number>()
  return Array.from({ length: count }, (_, i) => {
    const own = random.fork(`device ${i}`)
    const node = nodeOf(own, `dev-${i}`, scale)
    const wanted = lines.length > 0 && own.chance(0.5) ? pick(own, lines) : undefined
    const before = taken.get(wanted?.id ?? '') ?? 0
    const line = wanted && (wanted.format.address === 'byte' || before === 0) ? wanted : undefined
    if (line) taken.set(line.id, before + 1)
    return {
      node,
      line: line && { id: line.id, address: line.format.address === 'byte' ? before + 1 : -1 },
      qos: own.chance(0.8) ? 1 : 0,
      fate: pick(own.fork('fate'), line ? ['stays', 'leaves'] : ['stays', 'renamed', 'leaves']),
    }
  })
}

function nodeOf(random: Random, id: string, scale: Scale): NodeSpec {
  const compact = random.chance(0.7)
  const frames = compact ? 'compact' : pick(random, ['standard', 'adaptive-multi'] as const)
  const channels = Array.from({ length: 1 + random.below(4) }, (_, i) => ({
    name: `c${i}`,
    kind: sensorKinds[pick(random, sensorKindNames as SensorKindName[])],
    source: i + 1,
  }))
  const [least, most] = scale.intervalMs
  return {
    id,
    frames,
    profile: compact && random.chance(0.4) ? 'closed-loop' : 'alec-1.3',
    channels,
    keyframeInterval: pick(random, [0, 10, 50]),
    scale: 100,
    checksum: !compact && random.chance(0.5),
    suppresses: frames === 'standard' && random.chance(0.3),
    // Short intervals are as likely as long ones.
    intervalMs: Math.round(least * (most / least) ** random.next()),
    timeLapse: 1,
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.below(from.length)]
  if (chosen === undefined) throw new RangeError('nothing to choose from')
  return chosen
}
