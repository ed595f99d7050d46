import { describe, expect, it } from 'vitest'
import type { DeviceStatus } from '../../src/device/index.js'
import { statusPublications } from '../../src/outputs/index.js'
import { context, recovering, topics } from './examples.js'

const STATUS = 'alec/greenhouse-1/status'

const statusJson = (status: DeviceStatus, details = true) =>
  String(statusPublications(status, status, topics, { ...context, details })[0]?.payload)

describe('a status', () => {
  it('says everything as documented', () => {
    expect(statusJson(recovering)).toBe(
      '{"ts":"2026-11-23T22:10:01.000Z","ttl":180,"bridge":"gw-1","health":"degraded","circuit":"closed","sync":"recovering",' +
        '"since":"2026-11-23T22:09:00.000Z","last_seen":"2026-11-23T22:10:00.005Z",' +
        '"cause":"lost-frames","message":"3 frames lost, waiting for a keyframe",' +
        '"frames":{"received":1204,"decoded":1180,"lost":3,"duplicate":1,"late":0,"rejected":0,"skipped":20},' +
        '"readings":{"good":2380,"uncertain":14},"resync":{"requested":2,"completed":1},"bytes":{"in":8120}}',
    )
  })

  it('names the channels on which the device has left its peers', () => {
    expect(statusJson({ ...recovering, leftPeers: ['temperature'] })).toContain(
      '"left_peers":["temperature"],"cause":',
    )
  })

  it('has null for what is not known', () => {
    const status = JSON.parse(
      statusJson({ ...recovering, lastSeen: null, cause: null, message: '' }),
    )
    expect(status).toMatchObject({ last_seen: null, cause: null, message: '' })
  })

  it('counts bad readings where there were any', () => {
    const status = statusJson({ ...recovering, readings: { good: 1, uncertain: 2, bad: 3 } })
    expect(status).toContain('"readings":{"good":1,"uncertain":2,"bad":3}')
  })

  it('gives its ttl in whole seconds, never too short', () => {
    expect(statusJson({ ...recovering, ttlMs: 60_001 })).toContain('"ttl":61,')
  })

  it('leaves the counters out under pressure, nothing else', () => {
    const { frames, readings, resync, bytes, ...rest } = JSON.parse(statusJson(recovering))
    expect([frames, readings, resync, bytes]).not.toContain(undefined)
    expect(JSON.parse(statusJson(recovering, false))).toEqual(rest)
  })
})

describe('publications of a status', () => {
  it('are all retained, QoS 1, the latest only while the broker is away', () => {
    const all = statusPublications(recovering, undefined, topics, context)
    expect(all.map(({ topic, payload }) => [topic, topic === STATUS ? 'JSON' : payload])).toEqual([
      ['alec/greenhouse-1/availability', 'online'],
      [STATUS, 'JSON'],
      ['alec/greenhouse-1/status/health', 'degraded'],
      ['alec/greenhouse-1/status/circuit', 'closed'],
    ])
    for (const { qos, retain, whileAway } of all) {
      expect({ qos, retain, whileAway }).toEqual({ qos: 1, retain: true, whileAway: 'latest' })
    }
  })

  it.each<[string, Partial<DeviceStatus>, [string, string][]]>([
    ['nothing', {}, []],
    ['only counters', { bytes: { in: 9000 }, lastSeen: 0 }, []],
    ['the availability', { online: false }, [['alec/greenhouse-1/availability', 'offline']]],
    ['the health', { health: 'unhealthy' }, [['alec/greenhouse-1/status/health', 'unhealthy']]],
    ['the circuit', { circuit: 'half-open' }, [['alec/greenhouse-1/status/circuit', 'half-open']]],
  ])('are the status and what else differs when %s changed', (_what, change, others) => {
    const now = { ...recovering, ...change }
    const publications = statusPublications(now, recovering, topics, context)
    expect(publications.filter(({ topic }) => topic === STATUS)).toHaveLength(1)
    expect(
      publications
        .filter(({ topic }) => topic !== STATUS)
        .map(({ topic, payload }) => [topic, payload]),
    ).toEqual(others)
  })
})
