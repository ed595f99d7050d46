import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { type CleanOptions, clean } from '../../src/commands/clean.js'
import { siteConfig } from '../e2e/running-bridge.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Observer } from '../transport/observer.js'

const status = (facts: object = {}) =>
  JSON.stringify({ ts: '2026-01-01T00:00:00.000Z', ttl: 60, bridge: 'gw-test', ...facts })
const announced = (device: string, origin = 'alec-bridge') =>
  JSON.stringify({
    origin: { name: origin },
    device: { identifiers: [`alec/${device}`], via_device: 'alec-bridge/gw-test' },
    components: {},
  })

const LEFT_OVER = {
  'alec/gone/availability': 'offline',
  'alec/gone/readings/temperature': '21.4',
  'alec/gone/status': status(),
  'alec/gone/status/circuit': 'closed',
  'alec/gone/status/health': 'healthy',
  'homeassistant/device/alec_gone/config': announced('gone'),
}
const OTHERS = {
  'alec/shed/availability': 'online',
  'alec/shed/status': status(),
  'homeassistant/device/alec_shed/config': announced('shed'),
  // Of the device itself, or of who commands it.
  'alec/gone/command': '{"reset":true}',
  'alec/gone/frame': 'a1',
  // Of another bridge at the same base.
  'alec/theirs/availability': 'online',
  'alec/theirs/status': status({ bridge: 'gw-2' }),
  // Nobody of us writes that.
  'alec/kitchen/status': 'fine',
  'elsewhere/gone/availability': 'online',
  'homeassistant/device/alec_foreign/config': announced('foreign', 'zigbee'),
}

describe.skipIf(withoutMosquitto())('clean', () => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await Mosquitto.start()
  })
  afterAll(() => broker.stop())
  beforeEach(async () => {
    await put({ ...LEFT_OVER, ...OTHERS, 'alec/bridge/state': 'offline' })
  })

  async function put(retained: Readonly<Record<string, string>>): Promise<void> {
    const observer = await Observer.connect(broker.url)
    for (const [topic, payload] of Object.entries(retained))
      await observer.client.publishAsync(topic, payload, { qos: 1, retain: true })
    await observer.client.endAsync()
  }

  /** What the broker keeps: all of it has come once the mark has. */
  async function kept(): Promise<string[]> {
    const observer = await Observer.of(broker.url, '#')
    await observer.client.publishAsync('mark', '', { qos: 1 })
    await observer.until((seen) => seen.some(({ topic }) => topic === 'mark'))
    await observer.client.endAsync()
    return observer.seen.filter(({ retain }) => retain).map(({ topic }) => topic)
  }

  async function cleaned(
    options: CleanOptions,
    { answer, sections = {} }: { readonly answer?: string; readonly sections?: object } = {},
  ) {
    const cwd = temporaryDirectory('alec-clean-')
    const site = siteConfig({ brokerUrl: broker.url, overMqtt: ['shed'], sections })
    writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(site))
    const io = recordedIo(cwd, { XDG_STATE_HOME: cwd })
    const stdin = (async function* () {
      if (answer !== undefined) yield answer
    })()
    const terminal = { columns: answer === undefined ? undefined : 80, stdin }
    const code = await clean(options, { ...io, ...terminal })
    return { code, out: io.out, err: io.err }
  }

  it('removes what is left over of ours, and nothing else', async () => {
    const { code, out, err } = await cleaned({ yes: true, json: true })
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual({
      ok: true,
      removed: true,
      leftovers: [{ device: 'gone', topics: Object.keys(LEFT_OVER) }],
      left_alone: [
        { device: 'kitchen', reason: 'nothing shows that a bridge has written it' },
        { device: 'theirs', reason: 'it is of another bridge, gw-2' },
      ],
    })
    expect((await kept()).sort()).toEqual([...Object.keys(OTHERS), 'alec/bridge/state'].sort())
  })

  it('leaves bridges that share their devices alone: one of them cannot know whose a device is', async () => {
    const sections = {
      cluster: { amqp: 'amqp://rabbit', group: 'plant-1', state: 'redis://store' },
    }
    const { code, err } = await cleaned({ yes: true }, { sections })
    expect(code).toBe(69)
    expect(err).toContain('cluster')
    expect(await kept()).toEqual(expect.arrayContaining(Object.keys(LEFT_OVER)))
  })

  it('only shows it in a dry run', async () => {
    const { code, out } = await cleaned({ dryRun: true })
    expect(code).toBe(0)
    expect(out).toContain('gone\n  alec/gone/availability\n')
    expect(out).toContain('left over: 1 devices, 6 topics\nnothing was removed\n')
    expect(await kept()).toEqual(expect.arrayContaining(Object.keys(LEFT_OVER)))
  })

  it.each([
    ['removes it where somebody says yes', 'y\n', []],
    ['leaves it where somebody says anything else', 'yesterday\n', ['alec/gone/status']],
    ['leaves it where nobody says anything', '', ['alec/gone/status']],
  ])('asks at a terminal: %s', async (_what, answer, left) => {
    const { code, out } = await cleaned({}, { answer })
    expect(code).toBe(0)
    expect(out).toContain('Remove these topics? [y/N] ')
    expect((await kept()).filter((topic) => topic === 'alec/gone/status')).toEqual(left)
  })

  it('does nothing where nobody can be asked', async () => {
    const { code, err } = await cleaned({})
    expect(code).toBe(64)
    expect(err).toContain('--dry-run')
  })

  it('leaves a device alone that the running bridge reports', async () => {
    const ts = new Date().toISOString()
    await put({ 'alec/gone/status': status({ ts }), 'alec/bridge/state': 'online' })
    const { out } = await cleaned({ dryRun: true, json: true })
    const { leftovers, left_alone } = JSON.parse(out)
    expect(leftovers).toEqual([])
    expect(left_alone).toContainEqual({
      device: 'gone',
      reason: 'the bridge runs, and reports it still',
    })
  })

  it('does not guess for a bridge that takes devices in and does not run', async () => {
    const sections = { unknown_devices: 'accept', default_model: 'climate' }
    const { code, err } = await cleaned({ yes: true }, { sections })
    expect([code, err]).toEqual([69, expect.stringContaining('only while it runs')])
  })

  it('says where there is no broker', async () => {
    const { code, err } = await cleaned(
      { yes: true, timeout: 2000 },
      { sections: { broker: { url: 'mqtt://127.0.0.1:1' } } },
    )
    expect(code).toBe(69)
    expect(err).toContain('no broker listens there')
  })

  it('says where it may only read', async () => {
    const guarded = await Mosquitto.start({
      config: ['allow_anonymous true', 'acl_file %DIR%/acl'],
      files: { acl: 'topic read #\nuser owner\ntopic readwrite #\n' },
    })
    onTestFinished(() => guarded.stop())
    const owner = await Observer.connect(guarded.url, { username: 'owner' })
    await owner.client.publishAsync('alec/gone/status', status(), { qos: 1, retain: true })
    await owner.client.endAsync()
    const sections = { broker: { url: guarded.url } }
    const { code, out, err } = await cleaned({ yes: true, json: true }, { sections })
    expect([code, JSON.parse(out)]).toMatchObject([69, { ok: false, removed: false }])
    expect(err).toContain('alec/gone/status')
  })
})
