import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertBuilt, Program } from '../e2e/program.js'
import { brokerOf, configFile, latest, siteConfig } from '../e2e/running-bridge.js'
import { SensorNode } from '../e2e/sensor-node.js'
import { Asker } from './asker.js'

/** What was opened for all tests of a file; the last first. */
const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

describe('requests over MQTT, at the embedded broker', () => {
  let bridge: Program
  let asker: Asker
  let url: string
  const node = new SensorNode('any', (frame) => void sendAs(frame))
  let sendAs: (frame: Uint8Array) => Promise<void> = () => Promise.resolve()

  /** Sends a frame of the node under this id, and waits for what is published of it. */
  async function readingOf(device: string): Promise<Record<string, unknown>> {
    const topic = `alec/${device}/readings`
    const before = asker.observer.topics.filter((one) => one === topic).length
    sendAs = (frame) => asker.observer.publish(`alec/${device}/frame`, frame)
    node.send()
    await asker.observer.until((seen) => seen.filter((one) => one.topic === topic).length > before)
    return JSON.parse(latest(asker.observer, topic))
  }

  beforeAll(async () => {
    assertBuilt()
    const site = siteConfig({ overMqtt: ['shed'] })
    const file = configFile(site, (end) => ends.push(async () => end()))
    const args = ['run', '-c', file, '--broker-port', '0', '--for', '2min']
    bridge = Program.start(args, { onDone: (end) => ends.push(end) })
    url = await brokerOf(bridge)
    asker = await Asker.of(url, (end) => ends.push(end), 'alec/#')
    await asker.observer.until((seen) => seen.some(({ topic }) => topic === 'alec/bridge/state'))
  }, 30_000)

  it('say what the bridge is, how it is, and which devices it has', async () => {
    expect(await asker.ask('info')).toMatchObject({
      status: 'ok',
      data: { id: 'gw-test', devices: 1, models: ['climate'], log: { level: 'info', parts: {} } },
    })
    const { data: health } = await asker.ask('health')
    expect(health.checks.map(({ component }: { component: string }) => component)).toEqual(
      expect.arrayContaining(['broker', 'journal', 'port:mqtt:alec/{device}/frame']),
    )
    await asker.observer.publish('alec/stranger/frame', 'x')
    const { data } = await asker.ask('devices')
    expect(data.devices).toEqual([{ id: 'shed', model: 'climate', origin: 'file' }])
    expect(data.unknown).toEqual([{ id: 'stranger', frames: 1 }])
  })

  it('need no payload and no transaction', async () => {
    await asker.say('snapshot', '')
    expect(await asker.answer('snapshot')).toEqual({ status: 'ok', data: { messages: 1 } })
  })

  it('say what came and what to do, where something is wrong with them', async () => {
    const wrong: [verb: string, payload: string, error: RegExp][] = [
      ['helth', '{}', /there is no request "helth"; did you mean health\?; there are: info, /],
      ['device/add', '{', /expected a JSON object .*, got no JSON/],
      ['device/add', '[]', /expected a JSON object, got a list/],
      ['device/add', '{"device":"a"}', /^model: missing: expected an id/],
      ['device/add', '{"device":"a","modl":"m"}', /modl: unknown key; did you mean model\?/],
      [
        'device/add',
        '{"device":7,"model":"climate"}',
        /device: expected an id .*, got the number 7/,
      ],
      ['device/add', '{"device":"bridge","model":"climate"}', /bridge is no id of a device/],
      ['device/add', '{"device":"SHED","model":"climate"}', /there is a device shed already/],
      ['device/add', '{"device":"a","model":"climat"}', /no model climat; did you mean climate\?/],
      ['device/remove', '{"device":"shet"}', /there is no device shet; did you mean shed\?/],
      ['log/level', '{"level":"loud"}', /level: expected fatal, error, .*, got the text "loud"/],
      ['context/export', '{"device":"shed"}', /nothing is known of shed yet/],
      ['device/reset', '{"device":"shed","transaction":{}}', /transaction: expected a number or/],
    ]
    for (const [verb, payload, error] of wrong) {
      await asker.say(verb, payload)
      const answered = await asker.answer(verb, (one) => error.test(one.error ?? ''))
      expect(answered.status).toBe('error')
    }
    const { data } = await asker.ask('devices')
    expect(data.devices).toHaveLength(1)
  })

  it('take a device in, rename it with all that is known of it, and take it out again', async () => {
    expect(
      await asker.ask('device/add', { device: 'barn', model: 'climate', name: 'Barn' }),
    ).toMatchObject({ status: 'ok', data: { devices: { added: ['barn'] } } })
    expect(await readingOf('barn')).toMatchObject({ epoch: 1, seq: 0, quality: 'good' })
    expect(await readingOf('barn')).toMatchObject({ epoch: 1, seq: 1, quality: 'good' })

    expect(await asker.ask('device/rename', { device: 'barn', to: 'stable' })).toMatchObject({
      status: 'ok',
      data: { devices: { added: ['stable'], removed: ['barn'] } },
    })
    // The device itself sends as before; what is published of it goes on under the new name.
    sendAs = (frame) => asker.observer.publish('alec/barn/frame', frame)
    node.send()
    await asker.observer.until((seen) => seen.some(({ topic }) => topic === 'alec/stable/readings'))
    expect(JSON.parse(latest(asker.observer, 'alec/stable/readings'))).toMatchObject({
      epoch: 1,
      seq: 2,
      quality: 'good',
    })
    expect(JSON.parse(latest(asker.observer, 'alec/bridge/devices'))).toMatchObject([
      { id: 'shed', origin: 'file' },
      { id: 'stable', name: 'Barn', origin: 'request' },
    ])

    expect(await asker.ask('device/remove', { device: 'stable' })).toMatchObject({ status: 'ok' })
    const gone = ['availability', 'status', 'status/health', 'status/circuit'].flatMap((topic) => [
      `alec/barn/${topic}`,
      `alec/stable/${topic}`,
    ])
    await asker.observer.until(() => gone.every((topic) => latest(asker.observer, topic) === ''))
  })

  it('forget what is known of a device, and never use its keys again', async () => {
    const first = await readingOf('shed')
    expect(await asker.ask('device/reset', { device: 'shed' })).toMatchObject({ status: 'ok' })
    const second = await readingOf('shed')
    expect(Number(second.epoch)).toBeGreaterThan(Number(first.epoch))
    const replaced = await asker.ask('device/replace', { device: 'shed', model: 'climate' })
    expect(replaced).toMatchObject({ status: 'ok' })
    expect(Number((await readingOf('shed')).epoch)).toBeGreaterThan(Number(second.epoch))
  })

  it('open, close and reset a circuit', async () => {
    const circuit = () => latest(asker.observer, 'alec/shed/status/circuit')
    expect(await asker.ask('circuit/open', { device: 'shed' })).toMatchObject({
      data: { device: 'shed', events: ['circuit_opened'] },
    })
    await asker.observer.until(() => circuit() === 'open')
    await asker.ask('circuit/close', { device: 'shed' })
    await asker.observer.until(() => circuit() === 'closed')
    expect(await asker.ask('circuit/reset', { device: 'shed' })).toMatchObject({ status: 'ok' })
  })

  it('ask a device for a keyframe at once', async () => {
    await readingOf('shed')
    expect(await asker.ask('device/resync', { device: 'shed' })).toMatchObject({
      status: 'ok',
      data: { door: 'mqtt:alec/{device}/frame' },
    })
    await asker.observer.until((seen) =>
      seen.some(({ topic, bytes }) => topic === 'alec/shed/command' && bytes[0] === 0xff),
    )
  })

  it('write and read the state of an encoder', async () => {
    const fresh = new SensorNode('twin', (frame) => void sendAs(frame))
    await asker.ask('device/add', { device: 'twin', model: 'climate' })
    sendAs = (frame) => asker.observer.publish('alec/twin/frame', frame)
    for (let n = 0; n < 5; n++) fresh.send()
    const seqs = () => asker.observer.topics.filter((topic) => topic === 'alec/twin/readings')
    await asker.observer.until(() => seqs().length === 5)
    const first = JSON.parse(latest(asker.observer, 'alec/twin/readings'))
    const { data } = await asker.ask('context/export', { device: 'twin' })
    expect(data).toMatchObject({ device: 'twin', doubts: [] })
    await asker.ask('device/reset', { device: 'twin' })
    expect(
      await asker.ask('context/import', { device: 'twin', alcs: data.alcs, age: '1s' }),
    ).toMatchObject({ status: 'ok' })
    fresh.send()
    await asker.observer.until(() => seqs().length === 6)
    const exact = JSON.parse(latest(asker.observer, 'alec/twin/readings'))
    expect(exact).toMatchObject({ epoch: first.epoch + 1, quality: 'good' })
    const wrong = await asker.ask('context/import', { device: 'twin', alcs: '00ff' })
    expect(wrong.error).toMatch(/not a usable ALCS state/)
  })

  it('give out a guess of that state by force only, and take it back never', async () => {
    const old = new SensorNode('rusty', (frame) => void sendAs(frame))
    sendAs = () => Promise.resolve()
    for (let n = 0; n < 5; n++) old.send()
    await asker.ask('device/add', { device: 'rusty', model: 'climate' })
    sendAs = (frame) => asker.observer.publish('alec/rusty/frame', frame)
    old.send()
    await asker.observer.until((seen) => seen.some(({ topic }) => topic === 'alec/rusty/readings'))
    const { error } = await asker.ask('context/export', { device: 'rusty' })
    expect(error).toMatch(/channel temperature: its last value lies somewhere from .* wide\)/)
    expect(error).toMatch(/not exported, .*; force: true exports .*, which no bridge imports/)
    expect(error).toMatch(/ask it for a keyframe \(device\/resync\)/)
    const { data } = await asker.ask('context/export', { device: 'rusty', force: true })
    expect(data.doubts[0]).toMatch(/^channel temperature: its last value lies somewhere from /)
    expect(await asker.ask('context/import', { device: 'rusty', alcs: data.alcs })).toMatchObject({
      status: 'error',
      error: /a bridge exported it by force, as the nearest guess/,
    })
  })

  it('set the level of the log, of all and of a part, while it runs', async () => {
    const published = () => bridge.stdout.documents.filter(({ msg }) => msg === 'published').length
    expect(published()).toBe(0)
    expect(await asker.ask('log/level', { level: 'debug', part: 'publish' })).toMatchObject({
      data: { level: 'info', parts: { publish: 'debug' } },
    })
    await bridge.stdout.until('a published message', ({ documents }) =>
      documents.find(({ msg, part }) => msg === 'published' && part === 'publish'),
    )
    expect(await asker.ask('log/level', { level: 'default', part: 'publish' })).toMatchObject({
      data: { level: 'info', parts: {} },
    })
  })

  it('read the configuration again', async () => {
    expect(await asker.ask('reload')).toMatchObject({
      status: 'ok',
      data: { devices: { added: [], removed: [], changed: [] }, needs_restart: [] },
    })
  })

  it('stand in the log, what was asked and when', async () => {
    const line = await bridge.stdout.until('the request', ({ documents }) =>
      documents.find(({ msg, request }) => msg === 'request done' && request === 'device/rename'),
    )
    expect(line).toMatchObject({ input: { device: 'barn', to: 'stable' }, part: 'requests' })
  })

  it('are limited when they come as a flood, and go on afterwards', async () => {
    const flood = Array.from({ length: 200 }, (_, n) => asker.say('info', `{"transaction":${n}}`))
    await bridge.stdout.until('the limit', ({ text }) => text.includes('too many requests'))
    await asker.observer.until((seen) =>
      seen.some(({ payload }) => payload.includes('"transaction":0')),
    )
    const answered = asker.observer.seen.filter(
      ({ topic }) => topic === 'alec/bridge/response/info',
    )
    expect(answered.length).toBeLessThan(150)
    await Promise.all(flood)
  })
})
