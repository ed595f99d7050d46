import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type HealthcheckOptions, healthcheck } from '../../src/commands/healthcheck.js'
import type { BrokerAccess, ConnectionEnd } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const NOW = Date.UTC(2026, 0, 1)
const status = (facts: object = {}) =>
  JSON.stringify({
    ts: new Date(NOW - 3000).toISOString(),
    bridge: 'gw-1',
    health: 'healthy',
    ...facts,
  })
const ALL_WELL = { 'alec/bridge/state': 'online', 'alec/bridge/status': status() }

interface Broker {
  readonly retained?: Readonly<Record<string, string>>
  readonly closes?: ConnectionEnd
}

/** Asks a broker that has this retained; how it is entered is kept. */
async function checked(
  { retained = {}, closes }: Broker,
  options: HealthcheckOptions = {},
  broker: object = { url: 'mqtt://broker.example' },
  more: object = {},
) {
  const cwd = temporaryDirectory('alec-healthcheck-')
  const document = {
    version: 1,
    bridge: { id: 'gw-1' },
    broker,
    models: {
      climate: {
        frames: 'compact',
        channels: [{ name: 'temperature', quantity: 'temperature', resolution: 0.1 }],
      },
    },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: { shed: { model: 'climate' } },
    ...more,
  }
  writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(document))
  writeFileSync(join(cwd, 'secret'), 'word', { mode: 0o600 })
  const clock = new ManualClock({ wall: NOW })
  const io = recordedIo(cwd)
  const entered: { access: BrokerAccess; clientId: string }[] = []
  let open = 0
  const code = healthcheck(options, io, {
    clock,
    door: (access, clientId) => {
      entered.push({ access, clientId })
      return {
        address: 'here',
        keepsSession: false,
        open: (handlers) => {
          open++
          queueMicrotask(() => (closes ? handlers.onClosed(closes) : handlers.onConnected(false)))
          return {
            publish: () => expect.fail('it only looks'),
            subscribe: (topic) => {
              const payload = retained[topic]
              if (payload === undefined) return
              const message = { topic, payload: new TextEncoder().encode(payload) }
              handlers.onMessage({ ...message, qos: 0, retain: true })
            },
            unsubscribe: () => {},
            close: () => {
              open = 0
            },
            abort: () => {},
          }
        },
      }
    },
  })
  await new Promise(setImmediate)
  clock.advance(60_000)
  return { code: await code, out: io.out, err: io.err, entered: entered[0], open, clock }
}

describe('healthcheck', () => {
  it('is content where the bridge is online and has just reported, however its devices are', async () => {
    const degraded = { ...ALL_WELL, 'alec/bridge/status': status({ health: 'unhealthy' }) }
    for (const retained of [ALL_WELL, degraded]) {
      const { code, out, err, open, clock } = await checked({ retained })
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^ok: gw-1 is online, \w+, reported 3 s ago\n$/)
      expect(open).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it('looks where one of several bridges reports that share their devices', async () => {
    const retained = { 'alec/bridge/gw-1/state': 'online', 'alec/bridge/gw-1/status': status() }
    const cluster = { amqp: 'amqp://rabbit', group: 'plant-1', state: 'redis://store' }
    const { code, out } = await checked({ retained }, {}, undefined, { cluster })
    expect([code, out]).toEqual([0, 'ok: gw-1 is online, healthy, reported 3 s ago\n'])
  })

  it.each<[string, Broker, HealthcheckOptions, string]>([
    [
      'is offline',
      { retained: { ...ALL_WELL, 'alec/bridge/state': 'offline' } },
      {},
      'gw-1 is offline',
    ],
    [
      'has not reported for longer than a minute',
      { retained: { ...ALL_WELL, 'alec/bridge/status': status({ ts: '2025-12-31T23:58:00Z' }) } },
      {},
      'gw-1 reported last 120 s ago',
    ],
    ['has not reported for longer than asked', { retained: ALL_WELL }, { maxAge: 2000 }, '3 s ago'],
    [
      'is another one',
      { retained: { ...ALL_WELL, 'alec/bridge/status': status({ bridge: 'gw-2' }) } },
      {},
      'another bridge, gw-2, reports there',
    ],
    [
      'says that something is unhealthy, where that counts',
      { retained: { ...ALL_WELL, 'alec/bridge/status': status({ health: 'unhealthy' }) } },
      { strict: true },
      'gw-1 is online, unhealthy',
    ],
    [
      'has never been there',
      { retained: {} },
      {},
      'the broker does not answer, or has no alec/bridge/state and alec/bridge/status',
    ],
    [
      'says what is no status',
      { retained: { ...ALL_WELL, 'alec/bridge/status': '[]' } },
      {},
      'what is retained as its status is none',
    ],
    [
      'has a broker that refuses us',
      { closes: { code: 'connack-5', reason: 'not authorised' } },
      {},
      'not authorised',
    ],
  ])('ends with 69 where the bridge %s', async (_what, broker, options, reason) => {
    const { code, out, err, open } = await checked(broker, options)
    expect(code).toBe(69)
    expect(out).toBe('')
    expect(err).toContain(reason)
    expect(open).toBe(0)
  })

  it('says the same as JSON', async () => {
    const { code, out } = await checked({ retained: ALL_WELL }, { json: true })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      bridge: 'gw-1',
      health: 'healthy',
      ageMs: 3000,
    })
  })

  it('comes in under an id of its own, so that it does not put the bridge out', async () => {
    const { entered } = await checked({ retained: ALL_WELL })
    expect(entered?.clientId).toBe('alec-gw-1-check')
  })

  it('finds the embedded broker on this machine', async () => {
    const embedded = { host: '::1', port: 2883 }
    const { entered } = await checked({ retained: ALL_WELL }, {}, { embedded })
    expect(entered?.access).toEqual({ urls: ['mqtt://[::1]:2883'], protocol: '3.1.1' })
  })

  it('comes in at an embedded broker with users as the one that is for it', async () => {
    const user = { password_file: 'secret', subscribe: ['alec/bridge/#'] }
    const embedded = { users: [{ name: 'healthcheck', ...user }] }
    const { code, entered } = await checked({ retained: ALL_WELL }, {}, { embedded })
    expect(code).toBe(0)
    expect(entered).toMatchObject({
      access: { username: 'healthcheck', password: 'word' },
      clientId: 'healthcheck',
    })
  })

  it('ends with 78 where none of the users is for it', async () => {
    const embedded = { users: [{ name: 'somebody', password_file: 'secret' }] }
    const { code, err } = await checked({ retained: ALL_WELL }, {}, { embedded })
    expect(code).toBe(78)
    expect(err).toContain('give it one named healthcheck')
  })
})
