import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../src/commands/run.js'
import { Watch } from '../../src/http/feed/watch.js'
import { Probes } from '../../src/http/probes.js'
import type { JournalView, Views } from '../../src/http/views.js'
import type { HealthStatus } from '../../src/resilience/index.js'
import { bridgeOnScriptedDoor } from '../process/bridge-on-scripted-door.js'
import { ManualClock } from '../support/manual-clock.js'
import { nothing, openedWindow, TOKEN } from './opened-window.js'

/** A journal of which the test says how far it is. */
function scriptedJournal() {
  const journal = {
    idle: true,
    commits: 0,
    state: { kind: 'working' } as JournalView['state'],
    bytes: 0,
    fill: 0,
    lastOrdinal: 0,
    settled: 0,
    counters: () => ({
      written: 0,
      unjournaled: 0,
      commits: journal.commits,
      failures: 0,
      lost: 0,
    }),
  }
  return journal
}

/** Probes of a bridge that reports once a second, while the test lets it. */
function probed(views: Partial<Views> = {}) {
  const clock = new ManualClock()
  const watch = new Watch(1)
  const probes = new Probes({ ...nothing, ...views }, watch, clock)
  const report = (status: HealthStatus = 'healthy', component = 'broker') =>
    watch.onReport(
      { status, checks: [{ component, status, checkedAt: 0, message: `it is ${status}` }] },
      'normal',
      new Map(),
    )
  /** Time passes; the bridge reports meanwhile, or does not. */
  const pass = (seconds: number, reports = true) => {
    for (let n = 0; n < seconds; n++) {
      clock.advance(1000)
      if (reports) report()
    }
  }
  return { probes, report, pass }
}

const components = (complaints: readonly { readonly component: string }[]) =>
  complaints.map(({ component }) => component)

describe('the process is to be started anew', () => {
  it('once the bridge has not looked at itself for half a minute, and not before', () => {
    const { probes, pass } = probed()
    pass(5)
    expect(probes.live()).toEqual([])
    pass(29, false)
    expect(probes.live()).toEqual([])
    pass(2, false)
    expect(components(probes.live())).toEqual(['health'])
    pass(1)
    expect(probes.live()).toEqual([])
  })

  it('once frames wait for the disk for a minute, and nothing is written', () => {
    const journal = scriptedJournal()
    const { probes, pass } = probed({ journal })
    journal.idle = false
    expect(probes.live()).toEqual([])
    for (let n = 0; n < 10; n++) {
      pass(50)
      journal.commits++
      expect(probes.live()).toEqual([])
    }
    pass(61)
    expect(components(probes.live())).toEqual(['journal'])
    journal.commits++
    expect(probes.live()).toEqual([])
  })

  it('not where a journal has nothing to write, or says itself that its disk fails', () => {
    const journal = scriptedJournal()
    const { probes, pass } = probed({ journal })
    pass(600)
    expect(probes.live()).toEqual([])
    journal.idle = false
    journal.state = { kind: 'failing', code: 'ENOSPC', reason: 'full' } as JournalView['state']
    expect(probes.live()).toEqual([])
    pass(600)
    expect(probes.live()).toEqual([])
  })

  it('not because a broker is away: that mends itself', () => {
    const { probes, report } = probed()
    report('unhealthy')
    expect(probes.live()).toEqual([])
    expect(components(probes.ready())).toEqual(['broker'])
  })
})

describe('the bridge does its job', () => {
  it('not before it has looked at itself', () => {
    const { probes, report } = probed()
    expect(components(probes.ready())).toEqual(['health'])
    report()
    expect(probes.ready()).toEqual([])
  })

  it.each<[string, HealthStatus, boolean]>([
    ['broker', 'healthy', true],
    ['broker', 'degraded', true],
    ['broker', 'unhealthy', false],
    ['broker', 'unknown', false],
    ['journal', 'degraded', true],
    ['journal', 'unhealthy', false],
    ['memory', 'unhealthy', true],
    ['port:serial:/dev/ttyUSB0', 'unhealthy', true],
    // Nothing comes by the broker here.
    ['broker:input', 'unhealthy', true],
  ])('where the %s is %s: %s', (component, status, isReady) => {
    const { probes, report } = probed()
    report(status, component)
    expect(components(probes.ready())).toEqual(isReady ? [] : [component])
  })

  it('as long as one source is open', () => {
    const source = (id: string, kind: 'open' | 'opening') =>
      ({ id, state: { kind, since: 0 }, counters: () => {} }) as unknown as Views['sources'][number]
    const one = probed({ sources: [source('serial:a', 'opening'), source('serial:b', 'open')] })
    one.report()
    expect(one.probes.ready()).toEqual([])
    const none = probed({ sources: [source('serial:a', 'opening')] })
    none.report()
    expect(none.probes.ready()).toEqual([{ component: 'sources', message: 'none is open' }])
    const mqtt = probed({ sources: [source('mqtt:x', 'open')] })
    mqtt.report('unhealthy', 'broker:input')
    expect(components(mqtt.probes.ready())).toEqual(['broker:input'])
  })

  it('once its broker has taken it in, and no longer once that is away: a whole bridge', async () => {
    const watch = new Watch(1)
    const rig = await bridgeOnScriptedDoor(['a'], { onlooker: watch })
    const probes = new Probes(viewsOf(rig.bridge), watch, rig.clock)
    expect(components(probes.ready())).toContain('broker')
    await rig.connect()
    rig.clock.advance(6000)
    expect(probes.ready()).toEqual([])
    expect(probes.live()).toEqual([])
    rig.output.last.isClosed()
    rig.clock.advance(300)
    expect(components(probes.ready())).toEqual(['broker'])
    expect(probes.live()).toEqual([])
  })
})

describe('over HTTP', () => {
  it('anybody learns what is wrong by name, and one who may look in learns more', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const stranger = await ask('/readyz')
    expect(stranger.status).toBe(503)
    expect(JSON.parse(stranger.text)).toEqual({
      status: 'not ready',
      reasons: [{ component: 'health' }],
    })
    const known = await ask('/readyz', { authorization: `Bearer ${TOKEN}` })
    expect(JSON.parse(known.text)).toEqual({
      status: 'not ready',
      reasons: [{ component: 'health', message: 'the bridge has only begun' }],
    })
    const alive = await ask('/livez')
    expect([alive.status, JSON.parse(alive.text)]).toEqual([200, { status: 'alive', reasons: [] }])
  })

  it('says that it is ready once a report says so', async () => {
    const { ask, window } = await openedWindow()
    const check = { component: 'broker', status: 'healthy', checkedAt: 0, message: '' } as const
    window.onlooker.onReport({ status: 'healthy', checks: [check] }, 'normal', new Map())
    const answer = await ask('/readyz')
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { status: 'ready', reasons: [] },
    ])
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
  })

  it('names no password of an address', async () => {
    const { ask, window } = await openedWindow()
    const status = 'unhealthy' as const
    const message = 'cannot reach mqtt://user:secret@broker:1883'
    const check = { component: 'broker', status, checkedAt: 0, message }
    window.onlooker.onReport({ status, checks: [check] }, 'normal', new Map())
    const { text } = await ask('/readyz')
    expect(text).toContain('mqtt://broker:1883')
    expect(text).not.toContain('secret')
  })
})

describe('the token of the metrics', () => {
  const metrics = { token: 'a-token-for-prometheus', devices: 1000 }
  const quiet: Views = {
    ...nothing,
    fleet: { ...nothing.fleet, unknown: { byReason: new Map() } as never },
    publisher: {
      counters: () => ({
        ...{ submitted: 0, published: 0, acknowledged: 0, superseded: 0, givenBack: 0, births: 0 },
        ...{ connectionsLost: 0, dropped: {}, queuedMessages: 0, queuedBytes: 0, inFlight: 0 },
      }),
    },
  }

  it('opens the metrics, and nothing else', async () => {
    const { ask } = await openedWindow({ token: TOKEN, metrics }, quiet)
    const scraper = { authorization: `Bearer ${metrics.token}` }
    const answer = await ask('/metrics', scraper)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.text).toContain('alec_bridge_info{bridge="gw-test",version="0"} 1')
    expect((await ask('/api/feed', scraper)).status).toBe(401)
    expect(JSON.parse((await ask('/readyz', scraper)).text).reasons).toEqual([
      { component: 'health' },
    ])
  })

  it('is not needed by one who may look in, and nobody comes in without any', async () => {
    const { ask } = await openedWindow({ token: TOKEN, metrics }, quiet)
    expect((await ask('/metrics', { authorization: `Bearer ${TOKEN}` })).status).toBe(200)
    expect((await ask('/metrics')).status).toBe(401)
    expect((await ask('/metrics', { authorization: 'Bearer a-token-for-prometheuS' })).status).toBe(
      401,
    )
  })

  it('need not be shown where the window is open to all of this machine', async () => {
    const { ask } = await openedWindow({}, quiet)
    expect((await ask('/metrics')).status).toBe(200)
  })
})
