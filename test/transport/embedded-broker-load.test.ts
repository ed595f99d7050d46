import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { EmbeddedBroker } from '../../src/transport/embedded-broker.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { Observer } from './observer.js'

const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
const undo: (() => unknown)[] = []
let url = ''
/** How long a socket was held that connected before all tests, to a broker of its own, and never said a word. */
let silentHeldMs: Promise<number>

beforeAll(async () => {
  await broker.start()
  url = broker.address ?? ''
  const other = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
  await other.start()
  undo.push(() => other.stop())
  const socket = await rawSocket(other.address)
  const since = performance.now()
  silentHeldMs = closed(socket).then(() => performance.now() - since)
})

afterAll(async () => {
  for (const each of undo) await each()
  await broker.stop()
})

async function observer(...filters: string[]): Promise<Observer> {
  const client = await Observer.of(url, ...filters)
  undo.push(() => client.close())
  return client
}

function rawSocket(address = url): Promise<Socket> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.on('error', () => {})
  undo.push(() => socket.destroy())
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once('close', () => resolve()))

/** Keeps `window` publishes outstanding until `count` are done; `publish` calls back when one is. */
function drive(count: number, window: number, publish: (n: number, done: () => void) => void) {
  return new Promise<void>((resolve) => {
    let [next, done] = [0, 0]
    const more = () => {
      while (next < count && next - done < window) {
        publish(next++, () => {
          done++
          if (done === count) resolve()
          else setImmediate(more)
        })
      }
    }
    more()
  })
}

describe.sequential('the embedded broker under load', () => {
  it(`F-40: a subscriber gets every acknowledged QoS 1 message, in any mix of QoS and retain (SEED=${testSeed})`, async () => {
    const random = mulberry(testSeed)
    const subscriber = await observer('load/#')
    const acknowledged: string[] = []
    const each = 3000
    const mixed = () => ({ qos: random() < 0.4 ? 0 : 1, retain: random() < 0.2 }) as const
    const publishers = [await observer(), await observer(), await observer()]
    const outside = publishers.map(({ client }, who) =>
      drive(each, 50, (n, done) => {
        const [payload, options] = [`${who}-${n}`, mixed()]
        client.publish(`load/${who}/${n % 7}`, payload, options, (error) => {
          if (!error && options.qos === 1) acknowledged.push(payload)
          done()
        })
      }),
    )
    const inside = drive(each, 50, (n, done) => {
      const [payload, options] = [`bridge-${n}`, mixed()]
      broker.publish({ topic: 'load/bridge', payload, ...options }, (error) => {
        if (!error && options.qos === 1) acknowledged.push(payload)
        done()
      })
    })
    await Promise.all([...outside, inside])
    expect(acknowledged.length).toBeGreaterThan(4 * each * 0.5)
    const seen = new Set<string>()
    await subscriber
      .until(({ length }) => length === 4 * each, 5000)
      .catch(() => undefined)
      .then(() => {
        for (const { payload } of subscriber.seen) seen.add(payload)
      })
    expect(acknowledged.filter((payload) => !seen.has(payload))).toEqual([])
  })

  it(`F-40: nor does one that is slow, or away with its session kept (SEED=${testSeed})`, async () => {
    const random = mulberry(testSeed)
    const shared = { password: 'p', publish: [], subscribe: ['#'], admin: false }
    const own = new EmbeddedBroker({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      users: ['slow', 'kept', 'cold'].map((name) => ({
        ...shared,
        name,
        clientIds: [name],
        persistent: name === 'kept',
      })),
    })
    await own.start()
    undo.push(() => own.stop())
    const connect = async (name: string, filter?: string) => {
      const access = { clientId: name, username: name, password: 'p', clean: name !== 'kept' }
      const client = await Observer.connect(own.address ?? '', access)
      undo.push(() => client.close())
      if (filter) await client.client.subscribeAsync(filter, { qos: 1 })
      return client
    }
    const slow = await connect('slow', 'mixed/#')
    const cold = await connect('cold', 'mixed/#')
    await (await connect('kept', 'mixed/#')).close()
    cold.client.stream.pause()
    const nap = setInterval(() => {
      slow.client.stream.pause()
      setTimeout(() => slow.client.stream.resume(), 20)
    }, 40)
    const acknowledged: string[] = []
    // As many as are kept for who is away.
    const messages = Array.from(
      { length: 1000 },
      (_, n) =>
        ({
          topic: `mixed/${n % 7}`,
          payload: `${n} ${'x'.repeat(Math.floor(random() * 500))}`,
          qos: random() < 0.4 ? 0 : 1,
          retain: random() < 0.2,
        }) as const,
    )
    await drive(messages.length, 50, (n, done) => {
      const message = messages[n] as (typeof messages)[number]
      own.publish(message, (error) => {
        if (!error && message.qos === 1) acknowledged.push(message.payload)
        done()
      })
    })
    expect(acknowledged.length).toBe(messages.filter(({ qos }) => qos === 1).length)
    const missing = ({ seen }: Observer) => {
      const got = new Set(seen.map(({ payload }) => payload))
      return acknowledged.filter((payload) => !got.has(payload))
    }
    await slow.until(() => missing(slow).length === 0)
    clearInterval(nap)
    const back = await connect('kept')
    await back.until(() => missing(back).length === 0)
  })

  it('keeps the order of each publisher', async () => {
    const subscriber = await observer('order/#')
    const client = await observer()
    await drive(2000, 20, (n, done) =>
      client.client.publish('order/x', String(n), { qos: 1, retain: n % 3 === 0 }, done),
    )
    await subscriber.until(({ length }) => length === 2000)
    expect(subscriber.seen.map(({ payload }) => Number(payload))).toEqual(
      Array.from({ length: 2000 }, (_, n) => n),
    )
  })

  it('F-40: frozen subscribers are sent away, and nobody else waits longer than 2.5 seconds', async () => {
    const healthy = await observer('alive')
    const publisher = await observer()
    const friends = broker.counters().connected
    const topics = ['cold/1', 'cold/2', 'cold/3', 'cold/4']
    for (const topic of topics) (await observer(topic)).client.stream.pause()
    expect(broker.counters().connected).toBe(friends + topics.length)
    const silences: number[] = []
    let last = performance.now()
    healthy.client.on('message', () => {
      silences.push(performance.now() - last)
      last = performance.now()
    })
    const flood = Buffer.alloc(64 * 1024, 'x')
    // One frozen one after the other begins to hold something up.
    for (const topic of topics) {
      for (let n = 0; n < 150; n++) publisher.client.publish(topic, flood, { qos: 0 })
    }
    const pulse = (n: number) =>
      new Promise<void>((resolve) => {
        const message = { topic: 'alive', payload: String(n), qos: 1, retain: false } as const
        broker.publish(message, () => setTimeout(resolve, 20))
      })
    let sent = 0
    while (broker.counters().connected > friends) await pulse(sent++)
    await healthy.until(({ length }) => length === sent)
    expect(Math.max(...silences)).toBeLessThan(2500)
    // Nothing was lost for who listened.
    expect(healthy.seen.map(({ payload }) => Number(payload))).toEqual([...Array(sent).keys()])
  })
})

describe.concurrent('hostile connections', () => {
  // By itself: it counts what is refused.
  it.sequential('F-40: a giant CONNECT is refused by its header, with bounded memory', async () => {
    const before = process.memoryUsage().rss
    const megabyte = Buffer.alloc(1024 * 1024)
    let written = 0
    const attack = async () => {
      const socket = await rawSocket()
      const end = closed(socket)
      // CONNECT, 250 MB to come.
      socket.write(Buffer.of(0x10, 0x80, 0x90, 0x9b, 0x77))
      for (let n = 0; n < 20 && !socket.destroyed; n++) {
        await new Promise<void>((resolve) => socket.write(megabyte, () => resolve()))
        written++
      }
      await end
    }
    await Promise.all(Array.from({ length: 20 }, attack))
    expect(broker.counters().refused).toMatchObject({ 'packet-too-large': 20 })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    expect(written).toBeLessThan(100)
  })

  it('a first packet that is no CONNECT is refused', async () => {
    const socket = await rawSocket()
    const end = closed(socket)
    socket.write(Buffer.of(0x30, 0x03, 0x00, 0x01, 0x61))
    await end
    expect(broker.counters().refused).toMatchObject({ 'not-connect': 1 })
  })

  it('F-40: a client that never says CONNECT is sent away after five seconds', async () => {
    const held = await silentHeldMs
    expect(held).toBeGreaterThan(4500)
    expect(held).toBeLessThan(8000)
  })

  it('a client may send up to 256 KiB in a packet, and no more', async () => {
    const [subscriber, client] = [await observer('big'), await observer()]
    await client.publish('big', Buffer.alloc(255 * 1024))
    await subscriber.until(({ length }) => length === 1)
    const end = new Promise<void>((resolve) => client.client.once('close', () => resolve()))
    client.client.publish('big', Buffer.alloc(257 * 1024), { qos: 0 })
    await end
    expect(subscriber.seen.length).toBe(1)
  })
})
