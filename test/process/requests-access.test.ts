import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { connectAsync } from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { assertBuilt, Program } from '../e2e/program.js'
import { brokerOf, configFile, latest, siteConfig } from '../e2e/running-bridge.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Observer } from '../transport/observer.js'
import { Asker } from './asker.js'

describe('requests at the embedded broker with users', () => {
  it('are for admins alone, whatever else somebody may publish', async () => {
    assertBuilt()
    const file = configFile({})
    const password = (name: string) => {
      writeFileSync(join(dirname(file), name), `${name}'s`, { mode: 0o600 })
      return { name, password_file: name }
    }
    const users = [
      { ...password('root'), admin: true },
      { ...password('all'), publish: ['#'], subscribe: ['#'] },
    ]
    const site = { ...siteConfig({ overMqtt: ['shed'] }), broker: { embedded: { users } } }
    writeFileSync(file, stringify(site))
    const bridge = Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min'])
    const url = await brokerOf(bridge)
    const enter = async (name: string) => {
      const credentials = { clientId: name, username: name, password: `${name}'s` }
      const observer = await Observer.connect(url, credentials)
      onTestFinished(() => observer.close())
      await observer.client.subscribeAsync('alec/bridge/response/#', { qos: 1 })
      return observer
    }
    const [root, all] = [await enter('root'), await enter('all')]
    // Whoever publishes what he may not is thrown out.
    const thrownOut = new Promise<void>((resolve) => all.client.once('close', () => resolve()))
    all.client.publish('alec/bridge/request/device/remove', '{"device":"shed"}', { qos: 1 })
    await thrownOut
    await root.publish('alec/bridge/request/devices', '')
    await root.until(({ length }) => length === 1)
    expect(root.topics).toEqual(['alec/bridge/response/devices'])
    expect(JSON.parse(latest(root, 'alec/bridge/response/devices')).data.devices).toHaveLength(1)
    await root.publish('alec/bridge/request/device/resync', '{"device":"shet"}')
    await root.until(({ length }) => length === 2)
    const audited = await bridge.stdout.until('who has asked', ({ documents }) =>
      documents.find(({ msg }) => msg === 'request refused'),
    )
    expect(audited).toMatchObject({ request: 'device/resync', over: 'mqtt', from: 'root' })
  })
})

describe.skipIf(withoutMosquitto())('requests at a Mosquitto', () => {
  /** A bridge on a Mosquitto; with `state`, one that goes on from before. */
  async function onMosquitto(mosquitto: Mosquitto, state: string) {
    const file = configFile(siteConfig({ brokerUrl: mosquitto.url, overMqtt: ['shed'] }))
    const args = ['run', '-c', file, '--state-dir', state, '--for', '1min']
    const bridge = Program.start(args)
    const listening = await Asker.of(mosquitto.url, onTestFinished, 'alec/#')
    await listening.observer.until(
      () => latest(listening.observer, 'alec/bridge/state') === 'online',
    )
    return { bridge, asker: listening }
  }

  it('are answered to MQTT 3.1.1 and to MQTT 5, there on the response topic with the correlation data', async () => {
    const mosquitto = await Mosquitto.start()
    onTestFinished(() => mosquitto.stop())
    const state = join(dirname(configFile({})), 'state')
    const { asker } = await onMosquitto(mosquitto, state)
    expect(await asker.ask('info')).toMatchObject({ status: 'ok', data: { id: 'gw-test' } })

    const modern = await connectAsync(mosquitto.url, { protocolVersion: 5 })
    onTestFinished(() => modern.endAsync(true))
    const answered: [topic: string, correlation: string | undefined, status: string][] = []
    modern.on('message', (topic, payload, { properties }) => {
      const { status } = JSON.parse(payload.toString())
      answered.push([topic, properties?.correlationData?.toString(), status])
    })
    await modern.subscribeAsync(['my/answers', 'alec/shed/readings', 'alec/bridge/response/#'], {
      qos: 1,
    })
    const ask = (responseTopic: string, correlation: string) =>
      modern.publishAsync('alec/bridge/request/health', '', {
        qos: 1,
        properties: { responseTopic, correlationData: Buffer.from(correlation) },
      })
    await ask('my/answers', 'c-1')
    await expect.poll(() => answered.length, { timeout: 10_000 }).toBeGreaterThan(1)
    // Nobody can have the bridge say something in its own name.
    answered.length = 0
    await ask('alec/shed/readings', 'c-2')
    await ask('my/answers', 'c-3')
    await expect
      .poll(() => answered.filter(([, one]) => one === 'c-3').length, { timeout: 10_000 })
      .toBe(2)
    const of = (one: string) =>
      answered.filter(([, it]) => it === one).map(([topic, , status]) => `${topic} ${status}`)
    expect(of('c-2')).toEqual(['alec/bridge/response/health ok'])
    expect(of('c-3').sort()).toEqual(['alec/bridge/response/health ok', 'my/answers ok'])
  })

  it('are not done where the broker had them in store, and are kept over a restart where they changed devices', async () => {
    const mosquitto = await Mosquitto.start()
    onTestFinished(() => mosquitto.stop())
    const early = await Observer.of(mosquitto.url)
    onTestFinished(() => early.close())
    await early.publish('alec/bridge/request/device/remove', '{"device":"shed"}', { retain: true })

    const state = join(dirname(configFile({})), 'state')
    const first = await onMosquitto(mosquitto, state)
    await first.bridge.stdout.until('the retained request', ({ text }) =>
      text.includes('a retained request is not answered'),
    )
    await first.asker.ask('device/add', { device: 'barn', model: 'climate' })
    await first.asker.ask('device/rename', { device: 'shed', to: 'hut', name: 'Hut' })
    first.bridge.signal('SIGTERM')
    expect(await first.bridge.ended()).toBe(0)

    const second = await onMosquitto(mosquitto, state)
    expect((await second.asker.ask('devices')).data.devices).toEqual([
      { id: 'barn', model: 'climate', origin: 'request' },
      { id: 'hut', name: 'Hut', model: 'climate', origin: 'file' },
    ])
    await second.asker.ask('device/remove', { device: 'hut' })
    const left = await Observer.of(mosquitto.url, 'alec/+/#')
    onTestFinished(() => left.close())
    await second.asker.ask('devices')
    await left.until((seen) => seen.some(({ topic }) => topic.startsWith('alec/barn/')))
    const retained = left.seen.filter(({ payload, retain }) => retain && payload !== '')
    const devices = new Set(retained.map(({ topic }) => topic.split('/')[1]))
    expect([...devices].sort()).toEqual(['barn', 'bridge'])
  })
})
