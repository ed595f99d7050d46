import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../src/commands/run.js'
import type { DeviceStatus } from '../../src/device/index.js'
import { Watch } from '../../src/http/feed/watch.js'
import { FleetTotals } from '../../src/http/metrics/fleet-totals.js'
import { Metrics } from '../../src/http/metrics/metrics.js'
import { MeasuredNode } from '../faults/measured-node.js'
import { recovering } from '../outputs/examples.js'
import { bridgeOnScriptedDoor } from '../process/bridge-on-scripted-door.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { promtoolComplaints, Scrape } from '../support/prometheus-text.js'
import { noRefusals } from './opened-window.js'

const PREFIX = 'alec_bridge_'
const IDS = ['attic', 'cellar', 'shed']

/** A whole bridge with its metrics, on a broker that the test plays. */
async function meteredBridge({ most = 1000, ids = IDS } = {}) {
  const watch = new Watch(ids.length)
  const rig = await bridgeOnScriptedDoor(ids, { onlooker: watch })
  const views = viewsOf(rig.bridge)
  const metrics = new Metrics({
    ...{ views, watch, refusals: noRefusals(), devices: most },
    startedAt: 1_700_000_000_000,
  })
  const scrape = async () => new Scrape(await metrics.text())
  const send = (device: string, payload: Uint8Array) =>
    rig.input.last.receives({ topic: `alec/${device}/frame`, payload, qos: 0 })
  return { ...rig, watch, scrape, send }
}

/** Frames of every kind that there is: good, twice, damaged, missing, of nobody, too many. */
async function busyBridge() {
  const rig = await meteredBridge()
  await rig.connect()
  const random = mulberry(testSeed)
  let sent = 0
  let bytes = 0
  const send = (id: string, frame: Uint8Array) => {
    sent++
    bytes += frame.length
    rig.send(id, frame)
  }
  const nodes = IDS.map((id, n) => new MeasuredNode(id, n))
  for (let round = 0; round < 60; round++) {
    if (round === 30) rig.output.last.isClosed()
    if (round === 40) {
      rig.clock.advance(10_000)
      rig.output.last.isConnected()
      rig.output.last.grantAll()
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    }
    for (const node of nodes) {
      const frame = node.next()
      const chance = random()
      if (chance < 0.1) continue
      send(node.id, frame)
      if (chance < 0.2) send(node.id, frame)
      else if (chance < 0.25) send(node.id, frame.slice(0, 3))
      else if (chance < 0.27) send('stranger', frame)
      else if (chance < 0.28) send('no id', frame)
    }
    rig.clock.advance(1000)
  }
  for (let n = 0; n < 400; n++) send('attic', nodes[0]?.next() ?? new Uint8Array())
  rig.clock.advance(10_000)
  return { ...rig, sent, bytes }
}

describe('the metrics of a busy bridge', () => {
  it('are what promtool has no complaint of, and have names that tell whose they are', async () => {
    const { scrape } = await busyBridge()
    const { text, families } = await scrape()
    expect(promtoolComplaints(text)).toEqual([])
    expect(promtoolComplaints((await scrape()).text)).toEqual([])
    const names = [...families.keys()]
    expect(names.length).toBeGreaterThan(50)
    expect(names.filter((name) => !/^(?:alec_bridge|process)_/.test(name))).toEqual([])
  })

  it('add up: every byte, every frame and every publication is somewhere, once', async () => {
    const { scrape, sent, bytes } = await busyBridge()
    const found = await scrape()
    const sum = (name: string, labels = {}) => found.sum(`${PREFIX}${name}`, labels)
    expect(sum('source_received_bytes_total')).toBe(bytes)
    expect(sum('source_received_bytes_total')).toBe(
      sum('source_frame_bytes_total') + sum('source_discarded_bytes_total'),
    )
    expect(sent).toBe(sum('source_frames_total') + sum('source_rejected_frames_total'))
    expect(sum('source_frames_total')).toBe(
      sum('frames_received_total') + sum('unknown_frames_total', { reason: 'not-configured' }),
    )
    expect(sum('frames_received_total')).toBe(sum('frames_total'))
    for (const verdict of ['decoded', 'rejected', 'duplicate', 'skipped'])
      expect(sum('frames_total', { verdict }), verdict).toBeGreaterThan(0)
    expect(sum('frames_rejected_by_reason_total')).toBe(
      sum('frames_total', { verdict: 'rejected' }),
    )
    expect(sum('readings_total')).toBe(2 * sum('frames_total', { verdict: 'decoded' }))
    expect(sum('publications_submitted_total')).toBe(
      sum('publications_acknowledged_total') +
        sum('publications_dropped_total') +
        sum('publications_superseded_total') +
        sum('publications_given_back_total') +
        sum('publications_queued') +
        sum('publications_in_flight'),
    )
    expect(sum('publications_superseded_total')).toBeGreaterThan(0)
    expect(sum('broker_connections_total', { link: 'output' })).toBe(2)
    // And they are the same for each device and for all of them.
    for (const verdict of ['decoded', 'rejected', 'duplicate', 'late', 'skipped'])
      expect(sum('device_frames_total', { verdict })).toBe(sum('frames_total', { verdict }))
    for (const quality of ['good', 'uncertain', 'bad'])
      expect(sum('device_readings_total', { quality })).toBe(sum('readings_total', { quality }))
    expect(sum('device_frames_lost_total')).toBe(sum('frames_lost_total'))
    expect(sum('devices')).toBe(IDS.length)
    expect(sum('devices_by_circuit')).toBe(IDS.length)
    expect(sum('devices_by_sync')).toBe(IDS.length)
    expect(sum('device_info')).toBe(IDS.length)
    expect(sum('devices_online')).toBe(sum('device_online'))
  })

  it('never shrink', async () => {
    const rig = await busyBridge()
    const before = await rig.scrape()
    rig.output.last.isClosed()
    rig.clock.advance(120_000)
    const after = await rig.scrape()
    for (const { name, type } of before.families.values()) {
      if (type !== 'COUNTER' || before.series(name).length === 0) continue
      expect(after.sum(name), name).toBeGreaterThanOrEqual(before.sum(name))
    }
    expect(after.sum(`${PREFIX}devices_online`)).toBe(0)
    expect(after.sum(`${PREFIX}broker_up`, { link: 'output' })).toBe(0)
  })
})

describe('the metrics', () => {
  it('say how the bridge and each part of it is, one of four for each', async () => {
    const { scrape, connect, clock } = await meteredBridge()
    await connect()
    clock.advance(6000)
    const found = await scrape()
    const parts = new Set(found.series(`${PREFIX}component_health`).map(([, of]) => of.component))
    expect([...parts].sort()).toEqual([
      ...['broker', 'broker:input', 'clock', 'event-loop', 'memory'],
      'port:mqtt:alec/{device}/frame',
    ])
    for (const component of parts)
      expect(found.sum(`${PREFIX}component_health`, { component: component ?? '' })).toBe(1)
    expect(found.sum(`${PREFIX}health`, { status: 'healthy' })).toBe(1)
    expect(found.sum(`${PREFIX}health`)).toBe(1)
  })

  it('have no series of any device where there are more than may have them', async () => {
    const { scrape } = await meteredBridge({ most: 2 })
    const found = await scrape()
    expect(found.text).not.toContain('attic')
    expect(found.sum(`${PREFIX}device_series`)).toBe(0)
    expect(found.sum(`${PREFIX}devices`)).toBe(3)
    expect(promtoolComplaints(found.text)).toEqual([])
  })

  it('tell of no device before it is there, and of no time before its first frame', async () => {
    const { scrape, send, connect } = await meteredBridge()
    await connect()
    const seen = async () =>
      (await scrape())
        .series(`${PREFIX}device_last_seen_timestamp_seconds`)
        .map(([, { device }]) => device)
    expect(await seen()).toEqual([])
    send('shed', new MeasuredNode('shed').next())
    expect(await seen()).toEqual(['shed'])
  })

  it('count the readings that a limit dropped, by its name', async () => {
    const { watch, bridge, scrape } = await meteredBridge()
    const [session] = bridge.fleet.sessions()
    if (!session) throw new Error('no device')
    const event = { wall: 0, severity: 'warning', type: 'readings_dropped' } as const
    const range = { fromKey: '1/2', toKey: '1/8', reason: 'journal-full' }
    watch.onEvent({ ...event, ...range, count: 7 }, session)
    watch.onEvent({ ...event, ...range, count: 2 }, session)
    watch.onEvent({ wall: 0, severity: 'info', type: 'returned', silentMs: 5 }, session)
    const reason = { reason: 'journal-full' }
    expect((await scrape()).sum(`${PREFIX}readings_dropped_total`, reason)).toBe(9)
  })

  it('survive names that are markup elsewhere', async () => {
    const watch = new Watch(1)
    const rig = await bridgeOnScriptedDoor(['a'], { onlooker: watch })
    const status = 'unhealthy' as const
    const component = 'port:tcp://user:secret@h:1/"x"\\\n'
    const check = { component, status, checkedAt: 0, message: '' }
    watch.onReport({ status, checks: [check] }, 'normal', new Map())
    const views = viewsOf(rig.bridge)
    const refusals = noRefusals()
    const text = await new Metrics({ views, watch, refusals, devices: 1, startedAt: 0 }).text()
    expect(promtoolComplaints(text)).toEqual([])
    expect(text).toContain('component="port:tcp://h:1/\\"x\\"\\\\\\n"')
    expect(text).not.toContain('secret')
  })
})

describe('the sums over all devices', () => {
  const device = (id: string, received: number, decoded = received): DeviceStatus => ({
    ...recovering,
    device: id,
    frames: { ...recovering.frames, received, decoded },
  })

  it.each<[string, readonly (readonly DeviceStatus[])[], number]>([
    ['grow with them', [[device('a', 5)], [device('a', 7)]], 7],
    [
      'keep what a device had that is gone',
      [[device('a', 5), device('b', 3)], [device('b', 4)]],
      9,
    ],
    ['keep what a device had that began anew', [[device('a', 5)], [device('a', 2)]], 7],
    ['count one that is renamed once', [[device('a', 5)], [device('b', 6)]], 6],
    [
      'count each of two that are renamed once',
      [
        [device('a', 5), device('b', 9)],
        [device('c', 5), device('d', 9)],
      ],
      14,
    ],
    ['count one that comes in another place', [[device('a', 5)], [device('b', 2)]], 7],
    ['count one anew that comes back', [[device('a', 5)], [], [device('a', 6)]], 11],
  ])('%s', (_fact, scrapes, expected) => {
    const totals = new FleetTotals()
    const received = scrapes.map((statuses) => totals.of(statuses).received)
    expect(received.at(-1)).toBe(expected)
    expect(received).toEqual([...received].sort((a, b) => a - b))
  })
})
