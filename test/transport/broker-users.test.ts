import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import type { IClientOptions } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { BrokerUserConfig } from '../../src/config/configuration.js'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../src/transport/embedded-broker.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { Observer } from './observer.js'

const user = (name: string, more: Partial<BrokerUserConfig> = {}): BrokerUserConfig => ({
  name,
  password: `${name}'s`,
  clientIds: [name],
  publish: [`alec/${name}/frame`],
  subscribe: [`alec/${name}/command`],
  admin: false,
  persistent: false,
  ...more,
})

const users = [
  user('n-1'),
  user('n-2'),
  user('dash', { publish: [], subscribe: ['alec/+/readings', 'alec/+/frame'] }),
  user('root', { publish: [], subscribe: [], admin: true }),
]

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

async function running(options: Partial<EmbeddedBrokerOptions> = {}) {
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    users,
    ...options,
  })
  undo.push(() => broker.stop())
  await broker.start()
  const url = broker.address ?? ''
  const enter = async (name: string, more: IClientOptions = {}) => {
    const client = await Observer.connect(url, {
      clientId: name,
      username: name,
      password: `${name}'s`,
      ...more,
    })
    undo.push(() => client.close())
    return client
  }
  return { broker, url, enter }
}

const closeOf = ({ client }: Observer) =>
  new Promise<void>((resolve) => client.once('close', () => resolve()))

const subscribe = (observer: Observer, filter: string) =>
  observer.client.subscribeAsync(filter, { qos: 1 }).then(
    () => 'granted',
    () => 'refused',
  )

describe('a client of the embedded broker with users', () => {
  it('F-40: comes in as who it is, and only so; each refusal is counted by its reason', async () => {
    const { broker, enter, url } = await running()
    await enter('n-1')
    await expect(enter('n-2', { password: 'guess' })).rejects.toMatchObject({ code: 4 })
    await expect(enter('n-2', { username: 'n-3' })).rejects.toMatchObject({ code: 4 })
    await expect(Observer.connect(url, { clientId: 'n-2' })).rejects.toMatchObject({ code: 4 })
    // Not even with a password that is right does anybody throw another one out.
    await expect(enter('n-1', { username: 'n-2', password: "n-2's" })).rejects.toMatchObject({
      code: 2,
    })
    await expect(enter('n-2', { clean: false })).rejects.toMatchObject({ code: 2 })
    const will = { topic: 'alec/n-1/frame', payload: Buffer.of(1), qos: 1, retain: false } as const
    await expect(enter('n-2', { will })).rejects.toMatchObject({ code: 5 })
    await enter('n-2', { will: { ...will, topic: 'alec/n-2/frame' } })
    expect(broker.counters()).toMatchObject({
      accepted: 2,
      refused: {
        'login-wrong-password': 1,
        'login-unknown-user': 1,
        'login-no-user': 1,
        'login-other-client-id': 1,
        'persistent-session': 1,
        'will-topic': 1,
      },
    })
  })

  it('has to wait after many wrong passwords', async () => {
    const { broker, enter } = await running({ failedLogins: { perSecond: 1 / 60, burst: 2 } })
    for (let n = 0; n < 2; n++) {
      await expect(enter('n-1', { password: 'guess' })).rejects.toMatchObject({ code: 4 })
    }
    await expect(enter('n-1')).rejects.toMatchObject({ code: 3 })
    expect(broker.counters().refused).toMatchObject({ 'login-too-often': 1 })
    await enter('n-2')
  })

  it('publishes on its own topics, and is sent away from others', async () => {
    const { broker, enter } = await running()
    const dash = await enter('dash')
    expect(await subscribe(dash, 'alec/+/frame')).toBe('granted')
    const device = await enter('n-1')
    await device.publish('alec/n-1/frame', 'mine')
    for (const topic of ['alec/n-2/frame', 'alec/n-1/readings', '$SYS/x']) {
      const intruder = await enter('n-2')
      const closed = closeOf(intruder)
      const own = topic.replace('n-2', 'n-1')
      intruder.client.publish(own, 'forged', { qos: 1 })
      await closed
    }
    await dash.until(({ length }) => length === 1)
    expect(dash.seen.map(({ payload }) => payload)).toEqual(['mine'])
    expect(broker.counters().refused).toMatchObject({
      'publish-not-allowed': 2,
      'publish-reserved': 1,
    })
  })

  it('subscribes what it may, and hears nothing of the broker itself', async () => {
    const { enter } = await running()
    const [device, root] = [await enter('n-1'), await enter('root')]
    const asked = ['alec/n-1/command', 'alec/n-2/command', 'alec/+/command', '#', '$SYS/#']
    const of = async (who: Observer) => {
      const answers: string[] = []
      for (const filter of asked) answers.push(await subscribe(who, filter))
      return answers
    }
    expect(await of(device)).toEqual(['granted', 'refused', 'refused', 'refused', 'refused'])
    expect(await of(root)).toEqual(asked.map(() => 'granted'))
    await enter('n-2')
    await root.until((seen) =>
      seen.some(({ topic, payload }) => /new\/clients$/.test(topic) && payload === 'n-2'),
    )
    expect(device.seen).toEqual([])
  })

  it('F-40, CVE-2018-12546: leaves nothing for those who come later, unless it is an admin', async () => {
    const { broker, enter } = await running()
    const [device, root] = [await enter('n-1'), await enter('root')]
    await device.publish('alec/n-1/frame', 'frame', { retain: true })
    await root.publish('alec/n-1/readings', 'kept', { retain: true })
    const late = await enter('dash')
    for (const filter of ['alec/+/frame', 'alec/+/readings']) await subscribe(late, filter)
    await device.publish('alec/n-1/frame', 'live')
    await late.until((seen) => seen.some(({ payload }) => payload === 'live'))
    await late.until((seen) => seen.some(({ payload }) => payload === 'kept'))
    expect(late.seen.map(({ payload, retain }) => [payload, retain]).sort()).toEqual([
      ['kept', true],
      ['live', false],
    ])
    expect(broker.counters().refused).toMatchObject({ 'publish-retain': 1 })
  })

  it('sends no more than 4 KiB at once', async () => {
    const { enter } = await running()
    const device = await enter('n-1')
    await device.publish('alec/n-1/frame', Buffer.alloc(4096))
    const closed = closeOf(device)
    device.client.publish('alec/n-1/frame', Buffer.alloc(4097), { qos: 0 })
    await closed
  })

  it('CVE-2021-34434: that loses a right loses it at once, and one that is no user any more has to leave', async () => {
    const { broker, enter } = await running()
    const dash = await enter('dash')
    for (const filter of ['alec/+/frame', 'alec/+/readings']) await subscribe(dash, filter)
    const [stays, goes] = [await enter('n-1'), await enter('n-2')]
    await stays.publish('alec/n-1/frame', 'before')
    await dash.until(({ length }) => length === 1)
    const closed = closeOf(goes)
    await broker.revise({
      users: [user('n-1'), user('dash', { publish: [], subscribe: ['alec/+/readings'] })],
    })
    await closed
    await stays.publish('alec/n-1/frame', 'after')
    const done = new Promise<void>((resolve) =>
      broker.publish({ topic: 'alec/n-1/readings', payload: 'still', qos: 1, retain: false }, () =>
        resolve(),
      ),
    )
    await done
    await dash.until(({ length }) => length === 2)
    expect(dash.seen.map(({ payload }) => payload)).toEqual(['before', 'still'])
  })
})

describe.skipIf(withoutOpenssl())('the embedded broker with TLS', () => {
  let authority: TestAuthority
  let stranger: TestAuthority

  beforeAll(() => {
    authority = new TestAuthority()
    stranger = new TestAuthority('somebody else')
  })

  afterAll(() => {
    authority.remove()
    stranger.remove()
  })

  const serverCertificate = () =>
    authority.issue({ commonName: 'localhost', names: 'DNS:localhost,IP:127.0.0.1' })

  it('is reached from other machines, and only by TLS', async () => {
    const { url, enter, broker } = await running({ host: '0.0.0.0', tls: serverCertificate() })
    expect(url).toMatch(/^mqtts:/)
    const port = new URL(url.replace('mqtts:', 'http:')).port
    const client = await Observer.connect(`mqtts://127.0.0.1:${port}`, {
      clientId: 'n-1',
      username: 'n-1',
      password: "n-1's",
      ca: authority.cert,
    })
    undo.push(() => client.close())
    await client.publish('alec/n-1/frame', 'x')
    await expect(
      Observer.connect(`mqtt://127.0.0.1:${port}`, { connectTimeout: 2000 }),
    ).rejects.toThrow()
    expect(broker.counters()).toMatchObject({ accepted: 1, refused: { 'tls-no-tls': 1 } })
    await expect(enter('n-2', { ca: stranger.cert })).rejects.toThrow()
  })

  it.each<[fact: string, withTls: boolean, some?: readonly BrokerUserConfig[]]>([
    ['without TLS', false, users],
    ['without users', true],
    ['with no user', true, []],
  ])('is not reached from other machines %s', async (_fact, withTls, some) => {
    const broker = new EmbeddedBroker({
      host: '0.0.0.0',
      port: 0,
      clock: systemClock,
      ...(withTls && { tls: serverCertificate() }),
      ...(some && { users: some }),
    })
    await expect(broker.start()).rejects.toMatchObject({ code: 'ERR_BROKER_ADDRESS' })
  })

  it('does not start with a key that is not that of its certificate', async () => {
    const tls = { cert: serverCertificate().cert, key: serverCertificate().key }
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock, tls })
    await expect(broker.start()).rejects.toMatchObject({ code: 'ERR_BROKER_TLS' })
  })

  it('takes the certificate of a client for its name, each refusal with its reason', async () => {
    const tls = { ...serverCertificate(), ca: authority.cert }
    const card = { name: 'n-1', clientIds: ['n-1'], publish: ['alec/n-1/frame'] }
    const byCard = { ...card, subscribe: [], admin: false, persistent: false }
    const { broker, url } = await running({ tls, users: [byCard, user('n-2')] })
    const attempt = async (options: IClientOptions) => {
      const client = await Observer.connect(url, {
        clientId: 'n-1',
        ca: authority.cert,
        connectTimeout: 2000,
        ...options,
      })
      undo.push(() => client.close())
      return client
    }
    const own = await attempt(authority.issue({ commonName: 'n-1' }))
    await own.publish('alec/n-1/frame', 'x')
    await expect(attempt({})).rejects.toThrow()
    await expect(attempt(stranger.issue({ commonName: 'n-1' }))).rejects.toThrow()
    await expect(attempt(authority.issue({ commonName: 'n-1', days: -1 }))).rejects.toThrow()
    await expect(
      attempt({
        ...authority.issue({ commonName: 'n-1' }),
        clientId: 'n-2',
        username: 'n-2',
        password: "n-2's",
      }),
    ).rejects.toMatchObject({ code: 5 })
    const old = connectTls({
      port: Number(new URL(url.replace('mqtts:', 'http:')).port),
      host: '127.0.0.1',
      ca: authority.cert,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await expect(once(old, 'secureConnect')).rejects.toThrow(/version/)
    expect(broker.counters()).toMatchObject({
      accepted: 1,
      refused: {
        'tls-no-certificate': 1,
        'tls-unknown-ca': 1,
        'tls-expired': 1,
        'login-other-certificate': 1,
        'tls-version': 1,
      },
    })
  })
})
