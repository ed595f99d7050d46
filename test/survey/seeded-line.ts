import {
  type FaultRates,
  FirmwareNode,
  LineFaults,
  type NodeChannel,
  type NodeSpec,
  noFaults,
  Random,
  type SensorKindName,
  sensorKinds,
} from '../../firmware-sim/index.js'
import { deviceSourceId } from '../../src/alec/index.js'
import { type LineFormat, wrapFrame } from '../../src/framing/index.js'

/** A node on a line, and the address byte before its frames, -1 where the line has none. */
export interface SeededNode {
  readonly spec: NodeSpec
  readonly address: number
}

/** A line that nobody has described: everything that a survey has to find out, and more. */
export interface SeededLine {
  readonly seed: number
  readonly format: LineFormat
  readonly baudRate: number
  readonly nodes: readonly SeededNode[]
  /** Frames of each node that went by before anybody listened. */
  readonly missed: number
  readonly rates: FaultRates
}

/** Bytes that one node sent at one time. */
export interface SentBytes {
  readonly at: number
  readonly bytes: Uint8Array
}

const START = Date.UTC(2026, 0, 1)
const RESOLUTIONS = ['1', '0.5', '0.1', '0.1', '0.1', '0.05', '0.01', '0.25', '0.0625']
const KINDS: readonly SensorKindName[] = [
  'temperature',
  'freezer_temperature',
  'outdoor_temperature',
  'humidity',
  'pressure',
  'co2',
  'vibration',
  'level',
  'flow',
  'counter',
]

/** Draws a line by a seed: its format, its rate, its nodes and their sensors. */
export function seededLine(seed: number): SeededLine {
  const random = new Random(seed).fork('line')
  const framing = pick(random, ['cobs', 'slip', 'length', 'hex'] as const)
  const crc =
    framing === 'length'
      ? pick(random, ['crc32', 'crc16'] as const)
      : pick(random, ['crc32', 'crc32', 'crc16', 'none'] as const)
  const address = pick(random, ['none', 'byte'] as const)
  const used = new Set<number>()
  const nodes = Array.from({ length: address === 'byte' ? 1 + random.below(4) : 1 }, (_, i) => {
    let at = random.below(256)
    while (used.has(at)) at = random.below(256)
    used.add(at)
    return {
      spec: seededSpec(random.fork(`node ${i}`), `node-${i}`),
      address: address === 'byte' ? at : -1,
    }
  })
  // Without a checksum nothing tells a damaged frame from a whole one.
  const noisy = crc !== 'none' && random.chance(0.4)
  return {
    seed,
    format: { framing, crc, address, maxFrame: 4096 },
    baudRate: pick(random, [9600, 19_200, 38_400, 57_600, 115_200, 230_400]),
    nodes,
    missed: random.chance(0.5) ? random.below(200) : 0,
    rates: noisy ? { ...noFaults, bitErrors: 0.0003, noiseRuns: 0.001, noiseLength: 10 } : noFaults,
  }
}

function seededSpec(random: Random, id: string): NodeSpec {
  const frames = pick(random, [
    'compact',
    'compact',
    'compact',
    'standard',
    'adaptive-multi',
    'plain-multi',
  ] as const)
  const names = new Set<string>()
  while (names.size < 1 + random.below(6)) names.add(`${pick(random, KINDS)}_${random.below(20)}`)
  const taken = new Set<number>()
  const channels = [...names].flatMap((name): NodeChannel[] => {
    const kind = sensorKinds[name.replace(/_\d+$/, '') as SensorKindName]
    const source = deviceSourceId(name)
    if (taken.has(source)) return []
    taken.add(source)
    const resolution = name.startsWith('counter') ? '1' : pick(random, RESOLUTIONS)
    return [{ name, source, kind: { ...kind, resolution } }]
  })
  return {
    id,
    channels,
    frames,
    profile: frames === 'compact' && random.chance(0.5) ? 'closed-loop' : 'alec-1.3',
    intervalMs: pick(random, [500, 1000, 2000, 5000, 15_000, 60_000]),
    keyframeInterval: pick(random, [10, 20, 25, 50, 50, 64]),
    scale: pick(random, [100, 100, 100, 1000]),
    checksum: frames !== 'compact' && random.chance(0.5),
    suppresses: frames === 'standard' && random.chance(0.3),
    timeLapse: 60,
  }
}

/** What goes over the line while somebody listens: `frames` frames of each node, in the order of their times. */
export function traffic(line: SeededLine, frames: number): SentBytes[] {
  const random = new Random(line.seed)
  const sent = line.nodes.flatMap(({ spec, address }) => {
    const own = random.fork(spec.id)
    const node = new FirmwareNode(spec, own, START)
    const faults = new LineFaults(line.rates, own.fork('wire'))
    const out: SentBytes[] = []
    for (let due = 0; out.length < frames && due < 20 * (frames + line.missed); due++) {
      const frame = node.step(node.nextAt)
      if (!frame || due < line.missed) continue
      const bytes = faults.apply(wrapFrame(line.format, frame.bytes, address))
      out.push({ at: frame.at - START, bytes })
    }
    return out
  })
  return sent.sort((a, b) => a.at - b.at)
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T
