import { describe, expect, it } from 'vitest'
import {
  type BridgeInfo,
  bridgeInfo,
  bridgeState,
  bridgeStatus,
  bridgeTopics,
  deviceList,
} from '../../src/outputs/index.js'

const topics = bridgeTopics('alec')
const wall = Date.UTC(2026, 10, 23, 22, 10)
const RETAINED = { qos: 1, retain: true, whileAway: 'latest' }

const info: BridgeInfo = {
  id: 'gw-1',
  version: '0.1.0',
  baseTopic: 'alec',
  nodeVersion: 'v20.20.0',
  models: new Map([
    [
      'climate',
      {
        frames: 'compact',
        profile: 'alec-1.3',
        intervalMs: 60_000,
        channels: [{ name: 'temperature', quantity: 'temperature', unit: '°C' }, { name: 'raw' }],
      },
    ],
    ['meter', { frames: 'standard', profile: 'alec-1.3', channels: [] }],
  ]),
  sources: ['serial:/dev/ttyUSB0', 'mqtt:alec/{device}/frame'],
}

it('the bridge state is retained; offline is the same publication as the last will', () => {
  expect(bridgeState(topics, 'online')).toEqual({
    topic: 'alec/bridge/state',
    payload: 'online',
    ...RETAINED,
  })
  expect(bridgeState(topics, 'offline').payload).toBe('offline')
})

describe('the bridge status', () => {
  it('has the system health, every check with its own time, the degradation and what is shed and dropped', () => {
    const publication = bridgeStatus(topics, {
      bridge: 'gw-1',
      wall,
      mono: 100_000,
      report: {
        status: 'unhealthy',
        checks: [
          {
            component: 'broker',
            status: 'healthy',
            checkedAt: 99_000,
            message: 'connected',
            latencyMs: 4,
          },
          {
            component: 'port:usb',
            status: 'unhealthy',
            checkedAt: 100_000,
            message: 'ENOENT: plug it in',
          },
        ],
      },
      degradation: 'light',
      shed: new Map([['per-channel-topics', 12]]),
      dropped: { 'queue-full': 3 },
    })
    expect(publication).toEqual({
      topic: 'alec/bridge/status',
      ...RETAINED,
      payload:
        '{"ts":"2026-11-23T22:10:00.000Z","bridge":"gw-1","health":"unhealthy","degradation":"light","checks":{' +
        '"broker":{"status":"healthy","message":"connected","latency_ms":4,"checked":"2026-11-23T22:09:59.000Z"},' +
        '"port:usb":{"status":"unhealthy","message":"ENOENT: plug it in","checked":"2026-11-23T22:10:00.000Z"}},' +
        '"shed":{"per-channel-topics":12},"dropped":{"queue-full":3}}',
    })
  })
})

describe('the bridge info', () => {
  it('says who the bridge is, its models and its doors', () => {
    expect(bridgeInfo(topics, info)).toEqual({
      topic: 'alec/bridge/info',
      ...RETAINED,
      payload:
        '{"id":"gw-1","version":"0.1.0","base_topic":"alec","node":"v20.20.0","models":[' +
        '{"name":"climate","frames":"compact","profile":"alec-1.3","interval":60,"channels":[{"name":"temperature","quantity":"temperature","unit":"°C"},{"name":"raw"}]},' +
        '{"name":"meter","frames":"standard","profile":"alec-1.3","channels":[]}],' +
        '"sources":["serial:/dev/ttyUSB0","mqtt:alec/{device}/frame"]}',
    })
  })

  it('never holds a secret, wherever one slipped in', () => {
    const canary = 'canary-7f3a'
    const careless = {
      ...info,
      password: canary,
      models: new Map([
        [
          'm',
          {
            frames: 'compact' as const,
            profile: 'alec-1.3' as const,
            password: canary,
            channels: [{ name: 'a', password: canary }],
          },
        ],
      ]),
      sources: [`mqtt:mqtts://user:${canary}@broker:8883`, `serial:tcp://${canary}@10.0.0.7:4001`],
    }
    const payload = String(bridgeInfo(topics, careless).payload)
    expect(payload).not.toContain(canary)
    expect(payload).toContain('"sources":["mqtt:mqtts://broker:8883","serial:tcp://10.0.0.7:4001"]')
    const told = { ...{ password: canary }, id: 'a', model: 'm', channels: [] }
    const list = deviceList(topics, () => [{ ...told, origin: 'file' }], 0)
    const [devices] = list.publications
    expect(devices?.payload).not.toContain(canary)
    const check = {
      component: 'broker',
      status: 'unhealthy' as const,
      checkedAt: 0,
      message: `connect mqtt://u:${canary}@b refused`,
    }
    const status = bridgeStatus(topics, {
      bridge: 'gw-1',
      wall,
      mono: 0,
      degradation: 'normal',
      shed: new Map(),
      report: { status: 'unhealthy', checks: [check] },
    })
    expect(status.payload).toContain('connect mqtt://b refused')
  })
})
