import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { topicFault } from '../../src/topic-filter.js'
import type { IncomingMessage } from '../../src/transport/broker-port.js'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../src/transport/embedded-broker.js'
import { freePort } from '../support/free-port.js'
import { ManualClock } from '../support/manual-clock.js'
import { testSeed } from '../support/mulberry.js'
import { Observer } from './observer.js'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

function brokerOn(options: Partial<EmbeddedBrokerOptions> = {}): EmbeddedBroker {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock, ...options })
  undo.push(() => broker.stop())
  return broker
}

async function running(options: Partial<EmbeddedBrokerOptions> = {}) {
  const broker = brokerOn(options)
  await broker.start()
  const url = broker.address ?? ''
  const observer = async (...filters: string[]) => {
    const client = await Observer.of(url, ...filters)
    undo.push(() => client.close())
    return client
  }
  return { broker, url, observer }
}

const publishTo = (broker: EmbeddedBroker, topic: string, payload: string, retain = false) =>
  new Promise<void>((resolve, reject) =>
    broker.publish({ topic, payload, qos: 1, retain }, (error) =>
      error ? reject(error) : resolve(),
    ),
  )

describe('the address', () => {
  it('is the real one where any free port is taken', async () => {
    const { broker } = await running()
    expect(broker.address).toMatch(/^mqtt:\/\/127\.0\.0\.1:[1-9]\d+$/)
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  )

  it.each(['localhost', ...(hasIpv6 ? ['::1'] : [])])('may be %s', async (host) => {
    const { observer } = await running({ host })
    await observer('a')
  })

  it.each(['0.0.0.0', '::', '192.168.1.2', 'broker.example'])('may not be %s', async (host) => {
    await expect(brokerOn({ host }).start()).rejects.toMatchObject({ code: 'ERR_BROKER_ADDRESS' })
  })

  it('may not be taken by another program, which is told with the cause', async () => {
    const port = await freePort()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    undo.push(() => other.close())
    const broker = brokerOn({ port })
    await expect(broker.start()).rejects.toMatchObject({
      code: 'ERR_BROKER_LISTEN',
      message: expect.stringContaining('another program'),
      cause: { code: 'EADDRINUSE' },
    })
    expect(broker.healthCheck(0)).toMatchObject({
      component: 'embedded-broker',
      status: 'unhealthy',
    })
    await new Promise((resolve) => other.close(resolve))
    await broker.start()
    expect(broker.healthCheck(0).status).toBe('healthy')
  })
})

describe('messages', () => {
  it('pass between clients and ourselves, both ways', async () => {
    const { broker, observer } = await running()
    const heard: IncomingMessage[] = []
    broker.listenTo('alec/+/frame', (message) => heard.push(message))
    const client = await observer('alec/+/readings')
    await publishTo(broker, 'alec/n/readings', '{"t":1}')
    await client.publish('alec/n/frame', Uint8Array.of(1, 2), { retain: true })
    await client.until((seen) => seen.length === 1)
    expect(client.seen).toMatchObject([
      { topic: 'alec/n/readings', payload: '{"t":1}', retain: false },
    ])
    // Live, though it was published to be retained: only what is old is marked so.
    expect(heard).toMatchObject([
      { topic: 'alec/n/frame', payload: Buffer.of(1, 2), retain: false },
    ])
  })

  it('arrive on the very topic that they were published on, whatever the ids in it', async () => {
    const { broker, observer } = await running()
    const client = await observer('#')
    const heard: string[] = []
    broker.listenTo('#', ({ topic }) => heard.push(topic))
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
    )
    const topics = fc.sample(text, { numRuns: 500, seed: testSeed }).flatMap((id) => {
      const built = `alec/${id}/frame`
      return topicFault(built) === undefined ? [built] : []
    })
    expect(topics.length, `SEED=${testSeed}`).toBeGreaterThan(200)
    for (const [n, topic] of topics.entries()) {
      if (n % 2 === 0) await client.publish(topic, 'x', { qos: n % 4 === 0 ? 1 : 0 })
      else await publishTo(broker, topic, 'x')
    }
    await client.until(({ length }) => length === topics.length)
    expect([...client.topics].sort()).toEqual([...topics].sort())
    expect([...heard].sort()).toEqual([...topics].sort())
  })

  it('that are retained reach who subscribes later, until they are cleared', async () => {
    const { broker, observer } = await running()
    await publishTo(broker, 'alec/n/status', 'here', true)
    await publishTo(broker, 'alec/m/status', 'gone', true)
    await publishTo(broker, 'alec/m/status', '', true)
    await publishTo(broker, 'alec/z/status', 'last', true)
    const late = await observer('alec/+/status')
    await late.until((seen) => seen.length === 2)
    expect(late.seen.map(({ payload, retain }) => [payload, retain]).sort()).toEqual([
      ['here', true],
      ['last', true],
    ])
  })

  it('are the last will of a client whose connection breaks', async () => {
    const { url, observer } = await running()
    const witness = await observer('alec/#')
    const dying = await Observer.connect(url, {
      will: { topic: 'alec/n/lwt', payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    dying.client.stream.destroy()
    await witness.until((seen) => seen.some(({ payload }) => payload === 'gone'))
  })
})

describe('a client is refused', () => {
  it.each([
    [2, { clientId: '__proto__' }],
    [2, { clientId: 'kept', clean: false }],
    [5, { will: { topic: '$SYS/x', payload: Buffer.of(1), qos: 0, retain: false } as const }],
    [6, { keepalive: 0 }],
    [6, { keepalive: 65_535 }],
    [1, { protocolVersion: 5 as const }],
  ])('F-40: with return code %i: %j', async (code, options) => {
    const { broker, url, observer } = await running()
    await expect(Observer.connect(url, options)).rejects.toMatchObject({ code })
    expect(broker.counters().accepted).toBe(0)
    await observer('a')
    expect(broker.counters().accepted).toBe(1)
  })

  it('when it publishes where only the broker may, and the others stay', async () => {
    const { broker, url, observer } = await running()
    const witness = await observer('#')
    const hostile = await Observer.connect(url)
    const closed = new Promise<void>((resolve) => hostile.client.once('close', () => resolve()))
    hostile.client.publish('$SYS/fake', 'x', { qos: 0 })
    await closed
    await publishTo(broker, 'alec/n/readings', 'ok')
    await witness.until((seen) => seen.length > 0)
    expect(witness.topics).toEqual(['alec/n/readings'])
    expect(broker.counters().refused).toMatchObject({ 'publish-reserved': 1 })
  })

  it.each(['$SYS/#', '1/2/3/4/5/6/7/8/9/0/#'])('a subscription to %s', async (filter) => {
    const { observer } = await running()
    const client = await observer()
    const refusal = expect(client.client.subscribeAsync(filter)).rejects
    await refusal.toThrow()
  })

  it('F-40: when there are too many, and let in again when there is room', async () => {
    const { broker, url } = await running({
      connections: { total: 2, perAddress: 1, rate: { perSecond: 1000, burst: 1000 } },
    })
    const first = await Observer.connect(url)
    const second = await Observer.connect(url)
    undo.push(() => second.close())
    await expect(Observer.connect(url)).rejects.toThrow()
    expect(broker.counters()).toMatchObject({
      connected: 2,
      refused: { 'too-many-connections': 1 },
    })
    await first.close()
    const third = await Observer.connect(url)
    undo.push(() => third.close())
  })
})

describe('more connections than can be spoken to', () => {
  it('are dropped and counted, which health says, and the others are served', async () => {
    const clock = new ManualClock()
    const { broker, url, observer } = await running({
      clock,
      connections: { total: 2, perAddress: 1, rate: { perSecond: 1000, burst: 1000 } },
    })
    const witness = await observer('a')
    await observer()
    const [knocks, waiting] = [500, 200]
    let closed = 0
    await Promise.all(
      Array.from({ length: knocks }, async () => {
        const socket = await connectRaw(url)
        await new Promise((resolve) => socket.once('close', resolve).resume())
        closed++
        if (closed === knocks - waiting) clock.advance(2000)
      }),
    )
    expect(broker.counters().refused).toEqual({ 'too-many-connections': 200, 'too-fast': 300 })
    expect(broker.healthCheck(clock.mono())).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('so many more come that some are dropped'),
    })
    await publishTo(broker, 'a', 'x')
    await witness.until((seen) => seen.length > 0)
  })
})

describe('stop', () => {
  it('closes every socket, spoken for or not, and the port is free again', async () => {
    const { broker, url, observer } = await running()
    const client = await observer('a')
    const silent = await connectRaw(url)
    const closed = [
      new Promise<void>((resolve) => client.client.once('close', () => resolve())),
      new Promise((resolve) => silent.once('close', resolve)),
    ]
    let told = 0
    broker.attach(() => told++)
    await broker.stop()
    await broker.stop()
    await Promise.all(closed)
    expect([told, broker.counters().connected, broker.address]).toEqual([1, 0, undefined])
    await expect(publishTo(broker, 'a', 'x')).rejects.toThrow(/stopped/)
    const again = brokerOn({ port: Number(new URL(url).port) })
    await again.start()
    expect(again.address).toBe(url)
  })

  it('leaves no handle of its own behind', async () => {
    // A closed handle is listed until the turn is over.
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const handles = () =>
      process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout)/.test(name)).length
    await turn()
    const before = handles()
    const broker = brokerOn()
    await broker.start()
    expect(handles()).toBeGreaterThan(before)
    await broker.stop()
    await turn()
    expect(handles()).toBe(before)
  })
})

async function connectRaw(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  undo.push(() => socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
