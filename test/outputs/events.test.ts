import { describe, expect, it } from 'vitest'
import type { DeviceEvent } from '../../src/device/index.js'
import { eventFeature, eventPublication } from '../../src/outputs/index.js'
import type { Feature } from '../../src/resilience/index.js'
import { topics } from './examples.js'

const wall = Date.UTC(2026, 10, 23, 22, 10, 0, 123)
const TS = '"ts":"2026-11-23T22:10:00.123Z"'

const gap: DeviceEvent = {
  wall,
  severity: 'warning',
  type: 'gap',
  epoch: 1,
  fromSeq: 18,
  toSeq: 20,
  count: 3,
}
const opened: DeviceEvent = {
  wall,
  severity: 'error',
  type: 'circuit_opened',
  circuit: 'open',
  reason: 'failures-in-a-row',
}

describe('an event', () => {
  it.each<[DeviceEvent, string]>([
    [
      gap,
      `{${TS},"type":"gap","severity":"warning","epoch":1,"from_seq":18,"to_seq":20,"count":3}`,
    ],
    [
      opened,
      `{${TS},"type":"circuit_opened","severity":"error","circuit":"open","reason":"failures-in-a-row"}`,
    ],
    [
      {
        wall,
        severity: 'warning',
        type: 'decode_error',
        code: 'truncated',
        offset: 4,
        description: 'a "delta" is cut',
        frame: '0x02',
      },
      `{${TS},"type":"decode_error","severity":"warning","code":"truncated","offset":4,"description":"a \\"delta\\" is cut","frame":"0x02"}`,
    ],
    [
      { wall, severity: 'warning', type: 'silent', silentMs: 60_000 },
      `{${TS},"type":"silent","severity":"warning","silent_ms":60000}`,
    ],
    [
      { wall, severity: 'warning', type: 'not_finite', channel: 'temperature', value: 'NaN' },
      `{${TS},"type":"not_finite","severity":"warning","channel":"temperature","value":"NaN"}`,
    ],
  ])('%j', (event, json) => {
    expect(eventPublication(event, topics).payload).toBe(json)
  })

  it('of a gap must arrive, others are dropped while the broker is away', () => {
    const { payload: _gap, ...ofGap } = eventPublication(gap, topics)
    const { payload: _opened, ...ofOther } = eventPublication(opened, topics)
    const topic = 'alec/greenhouse-1/event'
    expect(ofGap).toEqual({ topic, qos: 1, retain: false, whileAway: 'queue' })
    expect(ofOther).toEqual({ topic, qos: 0, retain: false, whileAway: 'drop' })
  })
})

const leftPeers = {
  wall,
  severity: 'warning',
  type: 'left_peers',
  channel: 'temperature',
  mean: 31.25,
  peersMean: 21.4,
  deviation: 0.35,
  peers: 11,
} as const

describe('what may be shed of events', () => {
  it.each<[DeviceEvent, Feature | undefined]>([
    [gap, 'gap-events'],
    [opened, 'circuit'],
    [
      { wall, severity: 'info', type: 'circuit_closed', circuit: 'closed', reason: 'probes' },
      'circuit',
    ],
    [{ wall, severity: 'info', type: 'health_changed', from: 'degraded', to: 'healthy' }, 'health'],
    [{ wall, severity: 'info', type: 'returned', silentMs: 1 }, 'availability'],
    [{ wall, severity: 'info', type: 'resynchronised', frames: 4 }, 'debug-events'],
    [leftPeers, 'status-details'],
    [{ ...leftPeers, severity: 'info', type: 'rejoined_peers' }, 'status-details'],
    [{ wall, severity: 'warning', type: 'reboot', epoch: 2, message: '' }, undefined],
  ])('%j counts as %s', (event, feature) => {
    expect(eventFeature(event)).toBe(feature)
  })
})
