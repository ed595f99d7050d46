import type { ChannelReading, DeviceStatus, ReadingsVerdict } from '../../src/device/index.js'
import { deviceTopics, type StatusContext } from '../../src/outputs/index.js'

export const topics = deviceTopics('alec', 'greenhouse-1', ['temperature', 'humidity'])

export const good = (name: string, value: number): ChannelReading => ({
  name,
  value,
  bound: 0,
  quality: 'good',
})

export const uncertain = (name: string, value: number, bound: number): ChannelReading => ({
  name,
  value,
  bound,
  quality: 'uncertain',
})

export const bad = (name: string, value: number): ChannelReading => ({
  name,
  value,
  bound: Number.POSITIVE_INFINITY,
  quality: 'bad',
})

const ORDER = ['good', 'uncertain', 'bad'] as const

type Rest = Partial<Omit<ReadingsVerdict, 'channels' | 'frame'>> &
  Partial<Pick<ReadingsVerdict['frame'], 'wall' | 'integrity'>>

export function verdictOf(channels: readonly ChannelReading[], rest: Rest = {}): ReadingsVerdict {
  const { wall, integrity, ...others } = rest
  const worst = Math.max(0, ...channels.map(({ quality }) => ORDER.indexOf(quality)))
  return {
    kind: 'readings',
    device: 'greenhouse-1',
    family: 'compact',
    epoch: 1,
    seq: 17,
    quality: ORDER[worst] ?? 'bad',
    priority: 0,
    deviceTime: -1,
    channels,
    wantsKeyframe: false,
    events: [],
    ...others,
    frame: {
      device: 'greenhouse-1',
      bytes: new Uint8Array(),
      mono: 0,
      wall: wall ?? Date.UTC(2026, 10, 23, 22, 10, 0, 123),
      integrity: integrity ?? 'crc32',
      source: 'serial:/dev/ttyUSB0',
    },
  }
}

/** The status of `interface.md`. */
export const recovering: DeviceStatus = Object.freeze({
  device: 'greenhouse-1',
  health: 'degraded',
  circuit: 'closed',
  sync: 'recovering',
  online: true,
  since: Date.UTC(2026, 10, 23, 22, 9),
  lastSeen: Date.UTC(2026, 10, 23, 22, 10, 0, 5),
  ttlMs: 180_000,
  cause: 'lost-frames',
  message: '3 frames lost, waiting for a keyframe',
  frames: {
    received: 1204,
    decoded: 1180,
    lost: 3,
    duplicate: 1,
    late: 0,
    rejected: 0,
    skipped: 20,
  },
  readings: { good: 2380, uncertain: 14, bad: 0 },
  resync: { requested: 2, completed: 1 },
  bytes: { in: 8120 },
})

export const context: StatusContext = Object.freeze({
  bridge: 'gw-1',
  wall: Date.UTC(2026, 10, 23, 22, 10, 1),
  details: true,
})
