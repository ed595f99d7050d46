import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../src/transport/embedded-broker.js'
import { Observer } from './observer.js'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

/** A broker of which the user `kept` has its session kept. */
async function running(options: Partial<EmbeddedBrokerOptions> = {}) {
  const shared = { password: 'p', publish: [], subscribe: ['#'], admin: false }
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    users: [{ ...shared, name: 'kept', clientIds: ['kept'], persistent: true }],
    ...options,
  })
  undo.push(() => broker.stop())
  await broker.start()
  const publish = (topic: string, payload: string, qos: 0 | 1 | 2 = 1) =>
    new Promise<void>((resolve) =>
      broker.publish({ topic, payload, qos, retain: false }, () => resolve()),
    )
  const connect = async (clean = false) => {
    const observer = await Observer.connect(broker.address ?? '', {
      clientId: 'kept',
      username: 'kept',
      password: 'p',
      clean,
    })
    undo.push(() => observer.close())
    return observer
  }
  return { broker, publish, connect }
}

const payloads = ({ seen }: Observer) => seen.map(({ payload }) => payload)

describe('a session that is kept', () => {
  it('gets what it missed in its order, and what comes after it, and nothing again later', async () => {
    const { publish, connect } = await running()
    const first = await connect()
    await first.client.subscribeAsync('a/+', { qos: 1 })
    await publish('a/1', 'heard')
    await first.until(({ length }) => length === 1)
    await first.close()
    const missed = Array.from({ length: 300 }, (_, n) => `missed ${n}`)
    for (const payload of missed) await publish('a/1', payload)
    await publish('b/1', 'not asked for')
    await publish('a/1', 'worth nothing', 0)
    const again = await connect()
    await again.until(({ length }) => length === missed.length)
    await publish('a/1', 'new')
    await again.until((seen) => seen.at(-1)?.payload === 'new')
    expect(payloads(again)).toEqual([...missed, 'new'])
    await again.close()
    const third = await connect()
    await publish('a/1', 'last')
    await third.until(({ length }) => length > 0)
    // What comes while it comes back may come twice: by its queue, and live.
    expect(new Set(payloads(third))).toEqual(new Set(['last']))
  })

  it('gets again what it did not acknowledge', async () => {
    const { publish, connect } = await running()
    const first = await connect()
    await first.client.subscribeAsync('a', { qos: 1 })
    // Taken, and never acknowledged.
    first.client.handleMessage = () => {}
    const reached = new Promise<void>((resolve) => first.client.once('message', () => resolve()))
    await publish('a', '1')
    await reached
    first.client.stream.destroy()
    const again = await connect()
    await again.until(({ length }) => length === 1)
    expect(payloads(again)).toEqual(['1'])
  })

  it('F-40: keeps the newest of what it missed, and what gives way is counted', async () => {
    const { broker, publish, connect } = await running({ sessions: { messages: 10, bytes: 1e6 } })
    const first = await connect()
    await first.client.subscribeAsync('a', { qos: 1 })
    await first.close()
    for (let n = 0; n < 25; n++) await publish('a', String(n))
    expect(broker.counters().refused).toMatchObject({ 'session-overflow': 15 })
    const again = await connect()
    await again.until(({ length }) => length === 10)
    expect(payloads(again)).toEqual(Array.from({ length: 10 }, (_, n) => String(15 + n)))
  })

  it('is bounded in bytes as well', async () => {
    const { broker, publish, connect } = await running({ sessions: { messages: 10, bytes: 1000 } })
    const first = await connect()
    await first.client.subscribeAsync('a', { qos: 1 })
    await first.close()
    for (let n = 0; n < 4; n++) await publish('a', `${n}${'x'.repeat(400)}`)
    expect(broker.counters().refused).toMatchObject({ 'session-overflow': 2 })
  })

  it('stays connected while more than its limit is on its way to it, and loses none of that', async () => {
    const { publish, connect } = await running({ sessions: { messages: 10, bytes: 1e6 } })
    const client = await connect()
    await client.client.subscribeAsync('a', { qos: 1 })
    const all = Array.from({ length: 500 }, (_, n) => String(n))
    await Promise.all(all.map((payload) => publish('a', payload)))
    await client.until(({ length }) => length === all.length)
    expect(payloads(client)).toEqual(all)
  })

  it('CVE-2021-34434: brings nothing that its user may not receive any more', async () => {
    const { broker, publish, connect } = await running()
    const first = await connect()
    for (const topic of ['a', 'b']) await first.client.subscribeAsync(topic, { qos: 1 })
    await first.close()
    for (const topic of ['a', 'b']) await publish(topic, `missed on ${topic}`)
    const rules = { publish: [], subscribe: ['b'], admin: false, persistent: true }
    await broker.revise({
      users: [{ name: 'kept', password: 'p', clientIds: ['kept'], ...rules }],
    })
    const again = await connect()
    for (const topic of ['a', 'b']) await publish(topic, `new on ${topic}`)
    await again.until((seen) => seen.some(({ payload }) => payload === 'new on b'))
    expect(payloads(again)).toEqual(['missed on b', 'new on b'])
  })

  it('ends when its client asks for a clean one', async () => {
    const { publish, connect } = await running()
    const first = await connect()
    await first.client.subscribeAsync('a', { qos: 1 })
    await first.close()
    await publish('a', 'missed')
    const clean = await connect(true)
    await clean.close()
    const again = await connect()
    await again.client.subscribeAsync('b', { qos: 1 })
    await publish('a', 'nobody asked')
    await publish('b', 'asked')
    await again.until(({ length }) => length > 0)
    expect(payloads(again)).toEqual(['asked'])
  })

  it('gets every message of QoS 2 that it missed', async () => {
    const { publish, connect } = await running()
    const first = await connect()
    await first.client.subscribeAsync('a', { qos: 2 })
    await first.close()
    for (let n = 0; n < 20; n++) await publish('a', String(n), 2)
    const again = await connect()
    await again.until(({ length }) => length === 20)
    expect(payloads(again)).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
  })
})
