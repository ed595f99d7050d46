import { type AddressInfo, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { topicFault } from '../../src/topic-filter.js'
import type { MqttLink } from '../../src/transport/mqtt-link.js'
import { FaultProxy } from '../support/fault-proxy.js'
import { freePort } from '../support/free-port.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { testSeed } from '../support/mulberry.js'
import { packetType } from '../support/packet-cutter.js'
import { ScriptedBroker } from '../support/scripted-broker.js'
import { BrokerRig, publication, STATE_TOPIC } from './broker-rig.js'
import { Observer } from './observer.js'
import { Relay } from './relay.js'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

async function mosquitto(): Promise<Mosquitto> {
  const broker = await Mosquitto.start()
  undo.push(() => broker.stop())
  return broker
}

async function observer(url: string, ...filters: string[]): Promise<Observer> {
  const client = await Observer.of(url, ...filters)
  undo.push(() => client.close())
  return client
}

async function started(rig: BrokerRig): Promise<BrokerRig> {
  undo.push(() => rig.stop())
  await rig.start()
  return rig
}

const isOnline = (seen: readonly { topic: string; payload: string }[]) =>
  seen.some(({ topic, payload }) => topic === STATE_TOPIC && payload === 'online')

const births = (rig: BrokerRig) => rig.publisher.counters().births

/** A rig over each kind of broker, with the address at which everybody else finds that broker. */
const kinds = {
  'the embedded broker': async () => {
    const rig = new BrokerRig({ kind: 'embedded', host: '127.0.0.1', port: 0 })
    await rig.links.embedded?.start()
    return { rig, url: rig.links.embedded?.address ?? '' }
  },
  Mosquitto: async () => {
    const { url } = await mosquitto()
    return { rig: BrokerRig.over([url]), url }
  },
}

const noMosquitto = withoutMosquitto()

for (const [name, make] of Object.entries(kinds)) {
  describe.skipIf(name === 'Mosquitto' && noMosquitto)(`over ${name}`, () => {
    it('a birth says everything and `online` last, and who comes later gets it all', async () => {
      const { rig, url } = await make()
      const witness = await observer(url, 'alec/#')
      rig.retained = [
        publication('alec/bridge/info', '{}', 'latest'),
        ...Array.from({ length: 300 }, (_, n) => publication(`alec/n${n}/status`, '{}', 'latest')),
      ]
      await started(rig)
      await witness.until(isOnline)
      expect(witness.topics.length).toBe(302)
      expect(witness.topics.at(-1)).toBe(STATE_TOPIC)
      const late = await observer(url, 'alec/#')
      await late.until(({ length }) => length === 302)
      expect(late.seen.every(({ retain }) => retain)).toBe(true)
    })

    it('frames come in and downlinks go out', async () => {
      const { rig, url } = await make()
      const device = await observer(url, 'alec/node-1/command')
      await started(rig)
      await rig.links.input.subscribed()
      await vi.waitFor(() => expect(births(rig)).toBe(1))
      await device.publish('alec/node-1/frame', Uint8Array.of(0x7f, 0, 0xff))
      await device.publish('alec/node-1/frame', 'stale', { retain: true })
      await vi.waitFor(() => expect(rig.frames.length).toBe(2))
      expect(rig.frames[0]).toMatchObject({
        device: 'node-1',
        bytes: Uint8Array.of(0x7f, 0, 0xff),
        integrity: 'mqtt',
      })
      expect(rig.source.send('node-1', Uint8Array.of(0xff))).toEqual({ ok: true })
      await device.until(({ length }) => length === 1)
      expect(device.seen[0]).toMatchObject({ topic: 'alec/node-1/command', retain: false })
    })

    it('a burst arrives complete and in order, and an illegal topic in it harms nobody', async () => {
      const { rig, url } = await make()
      const witness = await observer(url, 'alec/n/readings')
      await started(rig)
      for (let n = 0; n < 900; n++) {
        rig.publisher.publish(publication('alec/n/readings', String(n)))
        if (n === 450) rig.publisher.publish(publication('alec/+/readings', 'poison'))
      }
      await witness.until(({ length }) => length === 900)
      expect(witness.seen.map(({ payload }) => Number(payload))).toEqual([...Array(900).keys()])
      expect(rig.publisher.counters().dropped).toEqual({ 'illegal-topic': 1 })
      expect(rig.links.output.counters().connections).toBe(1)
    })

    it('stop says `offline` once, as the last word', async () => {
      const { rig, url } = await make()
      const witness = await observer(url, 'alec/#')
      await rig.start()
      await witness.until(isOnline)
      rig.publisher.publish(publication('alec/n/readings', 'last'))
      await rig.stop()
      await witness.until((seen) => seen.some(({ payload }) => payload === 'offline'))
      expect(witness.seen.map(({ payload }) => payload)).toEqual(['online', 'last', 'offline'])
    })
  })
}

describe.skipIf(noMosquitto)('when Mosquitto', () => {
  it('F-24, F-26: is restarted without persistence, all that was retained and every subscription come back', async () => {
    const broker = await mosquitto()
    const rig = BrokerRig.over([broker.url])
    rig.retained = [publication('alec/n/status', 'before', 'latest')]
    await started(rig)
    await vi.waitFor(() => expect(births(rig)).toBe(1))
    await broker.kill()
    await vi.waitFor(() => expect(rig.links.output.state.kind).toBe('away'))
    expect(rig.publisher.healthCheck(0).status).toBe('unhealthy')
    rig.retained = [publication('alec/n/status', 'after', 'latest')]
    for (const n of [1, 2, 3]) rig.publisher.publish(publication('alec/n/readings', String(n)))
    rig.publisher.publish(publication('alec/n/event', 'shed', 'drop'))
    await broker.restart()
    const witness = await observer(broker.url, 'alec/#')
    await witness.until((seen) => seen.some(({ payload }) => payload === '3'))
    expect(witness.seen.map(({ payload }) => payload)).toEqual(['after', 'online', '1', '2', '3'])
    await witness.publish('alec/n/frame', Uint8Array.of(9))
    await vi.waitFor(() => expect(rig.frames.length).toBe(1))
    expect(rig.publisher.counters()).toMatchObject({ births: 2, dropped: { away: 1 } })
    expect(rig.links.input.counters()).toMatchObject({ connections: 2, sessionsLost: 1 })
  })

  it('F-24: is killed again and again under load, nothing of the queue is lost and the order holds', async () => {
    const broker = await mosquitto()
    const rig = await started(BrokerRig.over([broker.url]))
    let sent = 0
    const pump = setInterval(() => {
      for (let n = 0; n < 5; n++) rig.publisher.publish(publication('load', String(sent++)))
    }, 2)
    undo.push(() => clearInterval(pump))
    const witnesses: Observer[] = []
    for (let round = 1; round <= 3; round++) {
      const witness = await observer(broker.url, 'load')
      witnesses.push(witness)
      await vi.waitFor(() => expect(births(rig)).toBe(round), 10_000)
      await witness.until(({ length }) => length > 100)
      if (round === 3) break
      await broker.kill()
      await broker.restart()
    }
    clearInterval(pump)
    const account = () => rig.publisher.counters()
    await vi.waitFor(() => expect(account()).toMatchObject({ queuedMessages: 0, inFlight: 0 }))
    expect(account().dropped).toEqual({})
    expect(account().acknowledged + account().superseded).toBe(account().submitted)
    for (const { seen } of witnesses) {
      const numbers = seen.map(({ payload }) => Number(payload))
      expect(numbers).toEqual([...numbers].sort((x, y) => x - y))
    }
    expect(witnesses.at(-1)?.seen.at(-1)?.payload).toBe(String(sent - 1))
  })

  it('F-39: loses sight of us, it says `offline`; we come back and say `online`', async () => {
    const broker = await mosquitto()
    const relay = await Relay.to(broker.port)
    undo.push(() => relay.close())
    const witness = await observer(broker.url, STATE_TOPIC)
    await started(BrokerRig.over([relay.url]))
    await witness.until(isOnline)
    relay.cut()
    await witness.until(({ length }) => length === 3)
    expect(witness.seen.map(({ payload }) => payload)).toEqual(['online', 'offline', 'online'])
  })

  it('F-33: falls silent, the deadline ends the connection and everything is sent again', async () => {
    const broker = await mosquitto()
    const relay = await Relay.to(broker.port)
    undo.push(() => relay.close())
    const witness = await observer(broker.url, 'alec/#')
    const rig = await started(BrokerRig.over([relay.url], { limits: { deadlineMs: 300 } }))
    await witness.until(isOnline)
    relay.freeze()
    rig.publisher.publish(publication('alec/n/readings', 'kept'))
    await witness.until((seen) => seen.some(({ payload }) => payload === 'kept'))
    expect(rig.publisher.counters()).toMatchObject({ connectionsLost: 1, births: 2 })
  })

  it('F-33: forgets an acknowledgement, the deadline ends the connection and that one is sent again', async () => {
    const broker = await mosquitto()
    const proxy = await FaultProxy.before(broker.port)
    undo.push(() => proxy.close())
    const witness = await observer(broker.url, 'alec/n/readings')
    const rig = await started(BrokerRig.over([proxy.url], { limits: { deadlineMs: 300 } }))
    await vi.waitFor(() => expect(births(rig)).toBe(1))
    let passed = 0
    proxy.rule = ({ type, way }) =>
      type === packetType.puback && way === 'down' && ++passed === 3 ? 'drop' : 'pass'
    for (let n = 0; n < 5; n++) rig.publisher.publish(publication('alec/n/readings', String(n)))
    await witness.until(({ length }) => length === 6)
    expect(witness.seen.map(({ payload }) => payload)).toEqual(['0', '1', '2', '3', '4', '2'])
    await vi.waitFor(() => expect(rig.publisher.counters().inFlight).toBe(0))
    expect(rig.publisher.counters()).toMatchObject({ connectionsLost: 1, births: 2, dropped: {} })
  })

  it('F-24: holds frames while we are away, they come when we are back', async () => {
    const broker = await mosquitto()
    const first = BrokerRig.over([broker.url])
    await first.start()
    await first.links.input.subscribed()
    const device = await observer(broker.url)
    // As a crash would: no unsubscribe, no goodbye.
    first.links.input.drop('crash', 'the test says so')
    await first.links.input.stop()
    await first.publisher.stop()
    for (const n of [1, 2, 3]) await device.publish('alec/n/frame', Uint8Array.of(n))
    const second = await started(BrokerRig.over([broker.url]))
    await vi.waitFor(() => expect(second.frames.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]))
  })

  it('F-37: is one of a list, another takes over when it is killed, and it when that is killed', async () => {
    const brokers = [await mosquitto(), await mosquitto()] as const
    const nobody = `mqtt://127.0.0.1:${await freePort()}`
    const rig = await started(BrokerRig.over([nobody, ...brokers.map(({ url }) => url)]))
    const served = async (broker: Mosquitto, n: number) => {
      await vi.waitFor(() => expect(births(rig)).toBe(n), 10_000)
      await vi.waitFor(() => expect(rig.source.state.kind).toBe('open'), 10_000)
      const there = await observer(broker.url, 'alec/#')
      await there.until(isOnline)
      rig.publisher.publish(publication('alec/n/readings', `to ${n}`))
      await there.until((seen) => seen.some(({ payload }) => payload === `to ${n}`))
      await there.publish('alec/n/frame', Uint8Array.of(n))
      await vi.waitFor(() => expect(rig.frames.at(-1)?.bytes).toEqual(Uint8Array.of(n)))
    }
    const [first, second] = brokers
    await served(first, 1)
    await first.kill()
    await served(second, 2)
    await first.restart()
    await second.kill()
    await served(first, 3)
  }, 20_000)

  it('is given any topic that we hold for legal, it takes it', async () => {
    const broker = await mosquitto()
    const rig = await started(BrokerRig.over([broker.url]))
    const topic = fc
      .array(fc.string({ unit: 'binary', maxLength: 6 }), { minLength: 1, maxLength: 10 })
      .map((levels) => levels.join('/'))
      .filter((text) => topicFault(text) === undefined)
    const topics = fc.sample(topic, { numRuns: 1000, seed: testSeed })
    for (const each of topics) rig.publisher.publish(publication(each, 'x'))
    const account = () => rig.publisher.counters()
    await vi.waitFor(() => expect(account().acknowledged).toBe(1001), 5000)
    expect(rig.links.output.counters().connections, `SEED=${testSeed}`).toBe(1)
  })

  it('is reached with a user and a password, and one that is wrong is said without showing it', async () => {
    const broker = await mosquitto()
    const { port } = new URL(broker.url)
    const rig = await started(BrokerRig.over([`mqtt://user:s3cret@127.0.0.1:${port}`]))
    await vi.waitFor(() => expect(births(rig)).toBe(1))
    expect(JSON.stringify(rig.publisher.healthCheck(0))).not.toContain('s3cret')
    expect(rig.links.output.address).toBe(`mqtt://127.0.0.1:${port}`)
  })
})

describe('a refused connection', () => {
  it.each([
    ['3.1.1', [1, 2, 3, 4, 5]],
    ['5', [128, 132, 133, 134, 135, 136, 137, 138, 144, 149, 151, 156, 157, 159]],
  ] as const)(
    'F-25: with any code of MQTT %s is tried again, and says why',
    async (protocol, codes) => {
      const refusedWith = async (code: number) => {
        let accepts = false
        const broker = await ScriptedBroker.start({ connack: () => (accepts ? 0 : code) })
        undo.push(() => broker.close())
        const link = outputTo(broker.url.replace('//', '//bridge:s3cret@'), protocol)
        await vi.waitFor(() => expect(link.state).toMatchObject({ attempts: 2 }), 5000)
        expect(link.state).toMatchObject({ kind: 'away', code: `connack-${code}` })
        expect(link.healthCheck(0)).toMatchObject({
          status: 'unhealthy',
          message: expect.stringContaining('refuses us'),
        })
        expect(JSON.stringify(link.state)).not.toContain('s3cret')
        accepts = true
        await vi.waitFor(() => expect(link.state.kind).toBe('open'), 5000)
      }
      await Promise.all(codes.map(refusedWith))
    },
  )

  it('by an answer that is no MQTT is tried again too', async () => {
    const port = await serve((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const link = outputTo(`mqtt://127.0.0.1:${port}`)
    await vi.waitFor(() => expect(link.state).toMatchObject({ attempts: 2 }), 5000)
  })

  it('of a subscription alone leaves the link open and says so', async () => {
    const link = inputTo(await serveSubscriptions((id) => Buffer.of(0x90, 3, ...id, 0x80)))
    const states: string[] = []
    link.subscribe('a/+', 1, {
      onMessage: () => {},
      onState: (state) => states.push(state.kind === 'away' ? state.code : state.kind),
    })
    await vi.waitFor(() => expect(states.at(-1)).toBe('subscription-refused'))
    expect(link.state.kind).toBe('open')
  })

  it('is not what a subscription reports whose connection ends before the answer', async () => {
    const link = inputTo(await serveSubscriptions(() => undefined))
    const codes: string[] = []
    link.subscribe('a/+', 1, {
      onMessage: () => {},
      onState: (state) => codes.push(state.kind === 'away' ? state.code : state.kind),
    })
    await vi.waitFor(() => expect(link.state).toMatchObject({ attempts: 2 }), 5000)
    expect(new Set(codes)).toEqual(new Set(['opening', 'closed']))
  })

  it.each(['not a url', 'mqtt://', 'mqtt:///x', 'http://x', ''])(
    'by the URL %j itself is told, never thrown',
    async (url) => {
      const link = outputTo(url)
      await vi.waitFor(() => expect(link.state.kind).toBe('away'), 15_000)
    },
  )
})

function outputTo(url: string, protocol: '5' | '3.1.1' = '3.1.1'): MqttLink {
  const { output } = new BrokerRig({ kind: 'external', urls: [url], protocol }).links
  undo.push(() => output.stop())
  output.start()
  return output
}

function inputTo(port: number): MqttLink {
  const { input } = BrokerRig.over([`mqtt://127.0.0.1:${port}`]).links
  undo.push(() => input.stop())
  input.start()
  return input
}

/** Takes every CONNECT; answers each SUBSCRIBE with what `answer` makes of its packet id, or closes. */
const serveSubscriptions = (answer: (id: Uint8Array) => Buffer | undefined) =>
  serve((socket) =>
    socket.on('data', (bytes) => {
      if (bytes[0] === 0x10) socket.write(Buffer.of(0x20, 2, 0, 0))
      if (bytes[0] !== 0x82) return
      const suback = answer(bytes.subarray(2, 4))
      if (suback) socket.write(suback)
      else socket.end()
    }),
  )

/** A server that does with each connection what the test says; returns its port. */
async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => server.close())
  return (server.address() as AddressInfo).port
}
