import { connect } from 'node:net'
import type { MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { embeddedDoor } from '../../src/transport/broker-embedded.js'
import type { IncomingMessage } from '../../src/transport/broker-port.js'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../src/transport/embedded-broker.js'
import { MqttLink } from '../../src/transport/mqtt-link.js'
import { Observer } from './observer.js'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

/** A broker, a link of ours that listens to frames and holds each of them back, and a client that publishes. */
async function holding(options: Partial<EmbeddedBrokerOptions> = {}) {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock, ...options })
  undo.push(() => broker.stop())
  await broker.start()
  const url = broker.address ?? ''
  const link = new MqttLink({
    name: 'broker:input',
    door: embeddedDoor(broker),
    clock: systemClock,
    random: () => 0,
  })
  const heard: IncomingMessage[] = []
  const releases: (() => void)[] = []
  let onHeard = () => {}
  link.subscribe('alec/+/frame', 1, {
    onMessage: (message) => {
      heard.push({ ...message, payload: message.payload.slice() })
      const release = message.hold?.()
      if (release) releases.push(release)
      onHeard()
    },
    onState: () => {},
  })
  link.start()
  undo.push(() => link.stop())
  await link.subscribed()
  const device = await Observer.connect(url)
  undo.push(() => device.close())
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      onHeard = () => heard.length >= count && resolve()
      onHeard()
    })
  return { broker, url, link, heard, releases, device, until }
}

/** Publishes, and remembers in which order the acknowledgements come. */
function publishing(client: MqttClient, acknowledged: string[]) {
  return (payload: string, qos: 0 | 1 | 2 = 1, topic = 'alec/n/frame') =>
    client.publish(topic, payload, { qos }, (error) => {
      if (!error) acknowledged.push(payload)
    })
}

/** A round trip: whatever the broker had to say before is heard after it. */
const roundTrip = (client: MqttClient) =>
  new Promise<void>((resolve) => client.subscribe('other', { qos: 1 }, () => resolve()))

const text = ({ payload }: IncomingMessage) => Buffer.from(payload).toString()

describe('a message that is held back', () => {
  it.each([1, 2] as const)('is acknowledged only once it is released (QoS %i)', async (qos) => {
    const { device, heard, releases, until } = await holding()
    const acknowledged: string[] = []
    publishing(device.client, acknowledged)('a', qos)
    await until(1)
    await roundTrip(device.client)
    expect([heard.map(text), acknowledged]).toEqual([['a'], []])
    const puback = new Promise<void>((resolve) =>
      device.client.once('packetreceive', () => resolve()),
    )
    releases[0]?.()
    await puback
    await roundTrip(device.client)
    expect(acknowledged).toEqual(['a'])
  })

  it('keeps those behind it waiting, for acknowledgements leave in the order of the messages', async () => {
    const { device, heard, releases, until } = await holding()
    const acknowledged: string[] = []
    const publish = publishing(device.client, acknowledged)
    for (const payload of ['a', 'b', 'c']) publish(payload)
    await until(3)
    releases[1]?.()
    releases[2]?.()
    await roundTrip(device.client)
    expect([heard.map(text), acknowledged]).toEqual([['a', 'b', 'c'], []])
    releases[0]?.()
    await roundTrip(device.client)
    expect(acknowledged).toEqual(['a', 'b', 'c'])
  })

  it('keeps no other client waiting', async () => {
    const { device, url, until } = await holding()
    publishing(device.client, [])('a')
    await until(1)
    const other = await Observer.of(url, 'x')
    undo.push(() => other.close())
    await other.publish('x', 'free')
    await other.until(({ length }) => length === 1)
  })

  it('that needs no acknowledgement cannot be held, and comes all the same', async () => {
    const { device, heard, releases, until } = await holding()
    publishing(device.client, [])('a', 0)
    await until(1)
    expect([heard[0]?.qos, releases.length]).toEqual([0, 0])
  })

  it('reaches other subscribers once it is released', async () => {
    const { device, url, releases, until } = await holding()
    const other = await Observer.of(url, 'alec/+/frame')
    undo.push(() => other.close())
    publishing(device.client, [])('a')
    await until(1)
    await roundTrip(other.client)
    expect(other.seen).toEqual([])
    releases[0]?.()
    await other.until(({ length }) => length === 1)
  })

  it('stops its client from sending more than a window, and every message comes in its order', async () => {
    const { device, heard, releases, until } = await holding()
    const acknowledged: string[] = []
    const publish = publishing(device.client, acknowledged)
    const sent = Array.from({ length: 2000 }, (_, n) => `${n} ${'x'.repeat(500)}`)
    for (const payload of sent) publish(payload)
    // A megabyte, of which the broker holds the window and what it had read with its last message.
    await until(200)
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(heard.length).toBeLessThan(500)
    while (acknowledged.length < sent.length) {
      for (const release of releases.splice(0)) release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(heard.map(text)).toEqual(sent)
    expect(acknowledged).toEqual(sent)
  })

  it('keeps no PINGREQ of its client waiting', async () => {
    const { device, until } = await holding()
    const publish = publishing(device.client, [])
    for (const payload of ['a', 'b', 'c']) publish(payload)
    await until(3)
    const answered = new Promise<void>((resolve) =>
      device.client.on('packetreceive', ({ cmd }) => cmd === 'pingresp' && resolve()),
    )
    device.client.sendPing()
    await answered
  })

  it('once, though it is sent again with QoS 2 before it was released', async () => {
    const { url, heard, releases, until } = await holding()
    const raw = connect(Number(new URL(url).port), '127.0.0.1')
    undo.push(() => raw.destroy())
    const answers: number[] = []
    const answer = (type: number) =>
      new Promise<void>((resolve) => {
        const look = (chunk: Buffer) => {
          answers.push(...chunk)
          if (answers.includes(type)) {
            raw.off('data', look)
            answers.length = 0
            resolve()
          }
        }
        raw.on('data', look)
      })
    raw.write(Buffer.from('100d00044d51545404020014000161', 'hex'))
    await answer(0x20)
    const publish = Buffer.concat([
      Buffer.of(0x34, 17, 0, 12),
      Buffer.from('alec/n/frame'),
      Buffer.of(0, 7, 0x61),
    ])
    raw.write(publish)
    await until(1)
    releases[0]?.()
    await answer(0x50)
    raw.write(publish)
    await answer(0x50)
    expect(heard.length).toBe(1)
  })
})

describe('while the journal takes nothing', () => {
  it('a message is not acknowledged, and its client has to leave and to come again', async () => {
    const { broker, url, link, device, heard, releases, until } = await holding()
    const acknowledged: string[] = []
    const closed = new Promise<void>((resolve) => device.client.once('close', () => resolve()))
    publishing(device.client, acknowledged)('before')
    await until(1)
    link.suspend('journal', 'the disk is full')
    // What was on its way is not acknowledged any more, though somebody may still release it.
    await closed
    for (const release of releases.splice(0)) release()
    const again = await Observer.connect(url)
    const left = new Promise<void>((resolve) => again.client.once('close', () => resolve()))
    publishing(again.client, acknowledged)('meanwhile')
    await left
    expect(acknowledged).toEqual([])
    expect(broker.counters().refused).toMatchObject({ 'publish-not-heard': 1 })
    expect(broker.healthCheck(0).status).toBe('degraded')
    // Other topics have nothing to do with it.
    const other = await Observer.connect(url)
    undo.push(() => other.close())
    await other.publish('elsewhere', 'x')
    link.resume()
    await link.subscribed()
    expect(broker.healthCheck(0).status).toBe('healthy')
    publishing(other.client, acknowledged)('after')
    await until(2)
    for (const release of releases.splice(0)) release()
    await roundTrip(other.client)
    expect([heard.map(text), acknowledged]).toEqual([['before', 'after'], ['after']])
  })

  it('nor after our link is stopped, while the broker still runs', async () => {
    const { link, device } = await holding()
    await link.stop()
    const closed = new Promise<void>((resolve) => device.client.once('close', () => resolve()))
    const acknowledged: string[] = []
    publishing(device.client, acknowledged)('late')
    await closed
    expect(acknowledged).toEqual([])
  })
})

describe('a client that publishes faster than its rate', () => {
  it('is slowed down to it, and loses nothing', async () => {
    const { device, heard, releases } = await holding({
      publishRate: { perSecond: 200, burst: 20 },
    })
    const begin = performance.now()
    const sent = Array.from({ length: 120 }, (_, n) => String(n))
    const done = Promise.all(
      sent.map((payload) => device.client.publishAsync('alec/n/frame', payload, { qos: 1 })),
    )
    const release = setInterval(() => {
      for (const each of releases.splice(0)) each()
    }, 1)
    await done
    clearInterval(release)
    // A hundred of them at two hundred a second.
    expect(performance.now() - begin).toBeGreaterThan(450)
    expect(heard.map(text)).toEqual(sent)
  })
})
