import { Random } from '../../firmware-sim/index.js'
import {
  CompactEncoder,
  encodeSync,
  putStandardHeader,
  StandardEncoder,
} from '../../src/alec/index.js'
import {
  compileProfile,
  type DeviceEvent,
  DeviceStream,
  type ModelSpec,
} from '../../src/device/index.js'
import { defaultSpec } from '../../test/support/default-spec.js'

export interface FuzzResult {
  frames: number
  /** Frames that were refused with a fault. */
  faults: number
  /** Refused frames after which the state was another. */
  changed: number
  /** Good readings that a device's own frame brought and that were not what it had measured. */
  worstMs: number
  /** The first failure, for people. */
  failure: string
}

type Kind = 'compact' | 'closed-loop' | 'single' | 'adaptive'
export const fuzzKinds: readonly Kind[] = ['compact', 'closed-loop', 'single', 'adaptive']

const CHANNELS = 3
const INTERVAL_MS = 60_000

/** A device that is heard, and frames of it that somebody has spoilt, or made up from nothing. */
export function runFuzz(seed: number, kind: Kind, frames: number): FuzzResult {
  const random = new Random(seed)
  const stream = new DeviceStream(compileProfile(modelOf(kind)))
  const device = deviceOf(kind, random.fork('values'))
  const result: FuzzResult = { frames: 0, faults: 0, changed: 0, worstMs: 0, failure: '' }
  let mono = 0
  let last = device()
  const hear = (bytes: Uint8Array, compare: boolean): void => {
    const events: DeviceEvent[] = []
    const before = compare ? JSON.stringify(stream.save()) : ''
    const started = performance.now()
    const wall = mono
    const frame = { device: 'd', bytes, mono, wall, integrity: 'none', source: 'fuzz' } as const
    const { kind: outcome } = stream.accept(frame, events)
    result.worstMs = Math.max(result.worstMs, performance.now() - started)
    result.frames++
    if (outcome !== 'fault') return
    result.faults++
    if (!compare || JSON.stringify(stream.save()) === before) return
    result.changed++
    result.failure ||= `seed ${seed} ${kind}: ${Buffer.from(bytes).toString('hex')} was refused and changed the state`
  }
  while (result.frames < frames) {
    mono += INTERVAL_MS
    if (random.chance(0.2)) {
      last = device()
      hear(last, false)
      continue
    }
    hear(spoilt(last, random), true)
  }
  return result
}

function spoilt(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = random.below(6)
  if (kind === 0) return Uint8Array.from({ length: random.below(81) }, () => random.below(256))
  if (kind === 1) return bytes.slice(0, random.below(bytes.length + 1))
  if (kind === 2) return Uint8Array.from([...bytes, ...new Uint8Array(1 + random.below(9))])
  if (kind === 3) return syncFrame(random)
  const copy = Uint8Array.from(bytes)
  for (let i = 1 + random.below(4); i > 0; i--) copy[random.below(copy.length)] = random.below(256)
  return copy
}

/** A message about the dictionary, of whatever is possible, cut or not. */
function syncFrame(random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: random.below(13) }, () => random.below(256))
  const payload = encodeSync({
    type: 'diff',
    base: random.below(10),
    version: random.below(301),
    hash: BigInt(random.below(2 ** 30)),
    added: Array.from({ length: random.below(5) }, (_, code) => ({ code, bytes })),
    removed: [random.below(10)],
  })
  const frame = new Uint8Array(10 + payload.length)
  const header = {
    messageType: 'sync',
    priority: 3,
    sequence: random.below(65_535 + 1),
    timestamp: 0,
    version: 7,
  } as const
  putStandardHeader(frame, header)
  frame.set(payload, 10)
  return random.chance(0.5) ? frame : frame.slice(0, random.below(frame.length + 1))
}

function deviceOf(kind: Kind, random: Random): () => Uint8Array {
  const values = () => Array.from({ length: CHANNELS }, () => (random.below(1251) - 400) / 10)
  if (kind === 'compact' || kind === 'closed-loop') {
    const profile = kind === 'compact' ? 'alec-1.3' : kind
    const encoder = new CompactEncoder({ channels: CHANNELS, profile })
    return () => encoder.encode(values())
  }
  const encoder = new StandardEncoder()
  let sent = 0
  return () => {
    const timestampMs = INTERVAL_MS * sent++
    const measured = values()
    if (kind === 'single')
      return encoder.encode(measured[0] ?? 0, {
        sourceId: 1 + (sent % CHANNELS),
        timestampMs,
        priority: 3,
      })
    const entries = measured.map((value, i) => ({ nameId: i + 1, value }))
    return encoder.encodeAdaptiveMulti(entries, { timestampMs })
  }
}

const modelOf = (kind: Kind): ModelSpec => ({
  ...defaultSpec,
  frames: kind === 'compact' || kind === 'closed-loop' ? 'compact' : 'standard',
  profile: kind === 'closed-loop' ? kind : 'alec-1.3',
  intervalMs: INTERVAL_MS,
  channels: Array.from({ length: CHANNELS }, (_, i) => ({
    name: `c${i}`,
    resolution: '0.1',
    min: -40,
    max: 85,
    source: i + 1,
  })),
})
