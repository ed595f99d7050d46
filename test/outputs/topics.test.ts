import { describe, expect, it } from 'vitest'
import { bridgeTopics, deviceTopics } from '../../src/outputs/index.js'

describe('topics', () => {
  it('of a device', () => {
    const topics = deviceTopics('alec', 'greenhouse-1', ['temperature', 'humidity'])
    expect({ ...topics, channels: [...topics.channels] }).toEqual({
      readings: 'alec/greenhouse-1/readings',
      channels: [
        ['temperature', 'alec/greenhouse-1/readings/temperature'],
        ['humidity', 'alec/greenhouse-1/readings/humidity'],
      ],
      availability: 'alec/greenhouse-1/availability',
      status: 'alec/greenhouse-1/status',
      health: 'alec/greenhouse-1/status/health',
      circuit: 'alec/greenhouse-1/status/circuit',
      event: 'alec/greenhouse-1/event',
      command: 'alec/greenhouse-1/command',
    })
  })

  it('of the bridge', () => {
    const topics = bridgeTopics('site/alec')
    expect(topics).toMatchObject({
      state: 'site/alec/bridge/state',
      status: 'site/alec/bridge/status',
      info: 'site/alec/bridge/info',
      devices: 'site/alec/bridge/devices',
      snapshot: 'site/alec/bridge/snapshot',
    })
    expect(topics.request('resync')).toBe('site/alec/bridge/request/resync')
    expect(topics.response('resync')).toBe('site/alec/bridge/response/resync')
  })

  it('of names that were not validated are refused', () => {
    expect(() => deviceTopics('alec', 'a/b', [])).toThrow(RangeError)
    expect(() => deviceTopics('alec', 'a', ['#'])).toThrow(RangeError)
    expect(() => bridgeTopics('alec/#')).toThrow(RangeError)
    expect(() => bridgeTopics('alec').request('+')).toThrow(RangeError)
  })
})
