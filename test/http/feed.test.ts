import { describe, expect, it } from 'vitest'
import { DeviceFeed } from '../../src/http/feed/device-feed.js'
import { trailLimits } from '../../src/http/feed/trail.js'
import { readingsVerdict, ScriptedResponse, scriptedSession, watchedFleet } from './watched.js'

describe('the feed of the fleet', () => {
  it('tells of the bridge, the system, the events and all devices first, and then that it is ready', () => {
    const { watch, session, join } = watchedFleet(2)
    const event = { wall: 1, severity: 'info', type: 'returned', silentMs: 5 } as const
    watch.onVerdict(readingsVerdict('d-1', { events: [event] }), session('d-1'))
    const told = join().take()
    expect(told.map(([name]) => name)).toEqual(['bridge', 'system', 'events', 'rows', 'ready'])
    expect(told[0]?.[1]).toEqual({ id: 'gw-test', version: '0', guarded: false, models: {} })
    expect(told[1]?.[1]).toMatchObject({
      broker: { acknowledged: 7, dropped: 2 },
      unknown: { frames: 3, latest: ['stranger'] },
    })
    expect(told[2]?.[1]).toEqual([{ device: 'd-1', event }])
    expect(told[3]?.[1]).toMatchObject([
      { id: 'd-0', health: 'healthy', circuit: 'closed', source: 'tcp://host:1' },
      { id: 'd-1', last: { seq: 0, quality: 'good', values: [['a', 21.4, 0, 'good']] } },
    ])
    expect(told[4]?.[1]).toEqual({ devices: 2 })
  })

  it('tells of a device at most once a tick, however often something is new', () => {
    const { watch, session, join, clock } = watchedFleet(3)
    const reader = join()
    reader.take()
    for (let seq = 0; seq < 500; seq++)
      watch.onVerdict(readingsVerdict('d-1', { seq }), session('d-1'))
    clock.advance(250)
    const told = reader.take()
    expect(told).toMatchObject([['rows', [{ id: 'd-1', last: { seq: 499 } }]]])
    clock.advance(1000)
    expect(reader.take()).toEqual([])
  })

  it('keeps the latest value of each channel, whichever frame carried it', () => {
    const { watch, session, join, clock } = watchedFleet(1)
    const reader = join()
    reader.take()
    const b = {
      name: 'b',
      value: Number.NaN,
      bound: Number.POSITIVE_INFINITY,
      quality: 'bad',
    } as const
    watch.onVerdict(readingsVerdict('d-0'), session('d-0'))
    watch.onVerdict(
      readingsVerdict('d-0', { seq: 1, channels: [b], quality: 'bad' }),
      session('d-0'),
    )
    clock.advance(250)
    expect(reader.take()).toMatchObject([
      [
        'rows',
        [
          {
            last: {
              quality: 'bad',
              values: [
                ['a', 21.4, 0, 'good'],
                ['b', null, null, 'bad'],
              ],
            },
          },
        ],
      ],
    ])
  })

  it('tells of a thousand devices a tick, and of none twice before the others', () => {
    const { watch, session, join, clock } = watchedFleet(2500)
    const reader = join()
    clock.advance(250)
    expect(new Set(reader.takeRows()).size).toBe(2500)
    for (let i = 0; i < 2500; i++) watch.onVerdict(readingsVerdict(`d-${i}`), session(`d-${i}`))
    clock.advance(250)
    const first = reader.takeRows()
    expect(first).toHaveLength(1000)
    for (const id of first) watch.onVerdict(readingsVerdict(id), session(id))
    clock.advance(500)
    const next = reader.takeRows().slice(0, 1500)
    expect(new Set([...first, ...next]).size).toBe(2500)
  })

  it('finds by comparison what no event tells, and devices that are gone', () => {
    const { watch, session, sessions, join, clock } = watchedFleet(3)
    const reader = join()
    reader.take()
    session('d-2').script.circuit = 'half-open'
    clock.advance(250)
    expect(reader.take()).toEqual([])
    sessions.delete('d-0')
    watch.onReport({ status: 'degraded', checks: [] }, 'light', new Map())
    clock.advance(250)
    expect(reader.take()).toMatchObject([
      ['system', { health: 'degraded', degradation: 'light' }],
      ['removed', ['d-0']],
      ['rows', [{ id: 'd-2', circuit: 'half-open' }]],
    ])
  })

  it('lets one go who does not keep up, and nobody else', () => {
    const { watch, session, join, clock, feed } = watchedFleet(2000)
    const [slow, quick] = [join(), join()]
    slow.isStuck = true
    for (let tick = 0; tick < 100 && !slow.destroyed; tick++) {
      for (let i = 0; i < 2000; i++) watch.onVerdict(readingsVerdict(`d-${i}`), session(`d-${i}`))
      clock.advance(250)
    }
    expect(slow.destroyed).toBe(true)
    expect(slow.writableLength).toBeLessThan(5 * 2 ** 20)
    expect(quick.destroyed).toBe(false)
    expect(feed.readers).toBe(1)
  })

  it('does not hurry one who has come lately and is slow: the rest comes when there is room', () => {
    const { join, clock } = watchedFleet(10_000)
    const reader = join()
    reader.isStuck = true
    for (let tick = 0; tick < 50; tick++) clock.advance(250)
    expect(reader.destroyed).toBe(false)
    expect(reader.writableLength).toBeLessThan(2 ** 20)
    reader.isStuck = false
    reader.writableLength = 0
    for (let tick = 0; tick < 5; tick++) clock.advance(250)
    expect(new Set(reader.takeRows()).size).toBe(10_000)
  })

  it('says something every now and then, and holds no connection for ever', () => {
    const { join, clock } = watchedFleet(1)
    const reader = join()
    reader.take()
    clock.advance(15_250)
    expect(reader.text).toBe(':\n\n')
    clock.advance(3_600_000)
    expect(reader.destroyed).toBe(true)
  })

  it('costs nothing while nobody looks', () => {
    const { watch, session, join, clock, feed } = watchedFleet(1)
    expect(clock.pending).toBe(0)
    const reader = join()
    expect(clock.pending).toBe(1)
    reader.destroy()
    expect(clock.pending).toBe(0)
    watch.onVerdict(readingsVerdict('d-0'), session('d-0'))
    expect(watch.takeNews(10)).toEqual([])
    join()
    feed.close()
    expect([feed.readers, clock.pending]).toEqual([0, 0])
  })

  it('carries the headers of security', () => {
    const { join } = watchedFleet(0)
    expect(join().head).toMatchObject({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    })
  })
})

describe('the feed of one device', () => {
  it('tells what is remembered of it, and then each reading, frame and event', () => {
    const { watch, session, views, clock } = watchedFleet(2)
    const feed = new DeviceFeed(views, watch, clock)
    watch.onVerdict(readingsVerdict('d-1', { wall: 7 }), session('d-1'))
    const response = new ScriptedResponse()
    expect(feed.join('d-1', response.asResponse)).toBe(true)
    expect(response.take()).toMatchObject([
      ['device', { id: 'd-1', spec: { frames: 'compact' }, tolerances: [0.01, 0.01] }],
      [
        'points',
        { at: [7], seq: [0], channels: [{ values: [21.4], qualities: 'g' }, { qualities: '-' }] },
      ],
      ['frames', [{ number: 0, at: 7, hex: 'a100', verdict: 'readings', what: 'compact' }]],
    ])

    const frame = { ...readingsVerdict('d-1').frame, bytes: Uint8Array.of(0xff) }
    const event = { wall: 9, severity: 'warning', type: 'silent', silentMs: 5 } as const
    const fault = { code: 'truncated', offset: 1, message: 'too short' } as const
    watch.onVerdict({ kind: 'fault', device: 'd-1', frame, fault, events: [event] }, session('d-1'))
    watch.onVerdict(readingsVerdict('d-0'), session('d-0'))
    clock.advance(250)
    expect(response.take()).toEqual([
      ['frames', [{ number: 1, at: 0, hex: 'ff', length: 1, verdict: 'fault', what: 'truncated' }]],
      ['events', [{ device: 'd-1', event }]],
    ])
    clock.advance(250)
    expect(response.take()).toEqual([])
    response.destroy()
    expect([feed.readers, clock.pending]).toEqual([0, 0])
  })

  it('begins anew where a reload has given it another model', () => {
    const { watch, session, sessions, views, clock } = watchedFleet(1)
    const feed = new DeviceFeed(views, watch, clock)
    watch.onVerdict(readingsVerdict('d-0'), session('d-0'))
    const response = new ScriptedResponse()
    feed.join('d-0', response.asResponse)
    response.take()
    sessions.set('d-0', scriptedSession('d-0', ['b', 'c']))
    const channels = [{ name: 'c', value: 5, bound: 0, quality: 'good' }] as const
    watch.onVerdict(readingsVerdict('d-0', { channels }), session('d-0'))
    clock.advance(250)
    expect(response.take()).toMatchObject([
      ['device', { spec: { channels: [{ name: 'b' }, { name: 'c' }] } }],
      ['points', { seq: [0], channels: [{ qualities: '-' }, { values: [5] }] }],
      ['frames', [{ number: 0 }]],
    ])
    clock.advance(250)
    expect(response.take()).toEqual([])
  })

  it('is not there for a device that is not', () => {
    const { watch, views, clock } = watchedFleet(1)
    const feed = new DeviceFeed(views, watch, clock)
    expect(feed.join('nobody', new ScriptedResponse().asResponse)).toBe(false)
  })

  it('shows a frame that is very long by its length alone', () => {
    const { watch, session } = watchedFleet(1)
    watch.onVerdict(readingsVerdict('d-0', { bytes: new Uint8Array(2000) }), session('d-0'))
    expect(watch.trail('d-0')?.framesSince(0)).toMatchObject([{ length: 2000, hex: '' }])
  })
})

it('what is remembered is divided among the devices', () => {
  expect(trailLimits(10)).toEqual({ historyBytes: 1_677_721.6, frames: 120, events: 100 })
  expect(trailLimits(10_000)).toEqual({ historyBytes: 1677.7216, frames: 4, events: 4 })
})
