import { readFileSync } from 'node:fs'
import { connect } from 'mqtt'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.js'
import { brokerDoor } from '../../src/transport/broker-client.js'
import type {
  BrokerConnection,
  ConnectionEnd,
  IncomingMessage,
} from '../../src/transport/broker-port.js'
import { MqttLink } from '../../src/transport/mqtt-link.js'
import { tappedLink } from '../../src/transport/tapped-link.js'
import { ManualClock } from '../support/manual-clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { packetType } from '../support/packet-cutter.js'
import {
  disconnect,
  message,
  packet,
  puback,
  type Script,
  ScriptedBroker,
  suback,
} from '../support/scripted-broker.js'
import { Observer } from './observer.js'

/** How many messages a broker may send ahead of our acknowledgements. */
const WINDOW = 2000

async function scripted(script: Script = {}): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.start(script)
  onTestFinished(() => broker.close())
  return broker
}

/** A connection of the input or of the output, with all that it tells. */
function connectionTo(
  url: string,
  protocol: '5' | '3.1.1',
  input = true,
  clock: Clock = systemClock,
) {
  const will = { topic: 'state', payload: 'offline', qos: 1, retain: true } as const
  const identity = input
    ? { clientId: 'gw-in', clean: false }
    : { clientId: 'gw-out', clean: true, will }
  const messages: IncomingMessage[] = []
  const releases: (() => void)[] = []
  const ends: ConnectionEnd[] = []
  const story: string[] = []
  const set = { holds: true }
  const door = brokerDoor({ urls: [url], protocol }, identity, clock)
  const connection: BrokerConnection = door.open({
    onConnected: (resumed) => story.push(resumed ? 'resumed' : 'connected'),
    onMessage: (each) => {
      story.push(`message ${Buffer.from(each.payload)}`)
      messages.push(each)
      const release = set.holds ? each.hold?.() : undefined
      if (release) releases.push(release)
    },
    onClosed: (end) => {
      story.push('closed')
      ends.push(end)
    },
  })
  onTestFinished(() => connection.abort())
  return { connection, messages, releases, ends, story, set }
}

const texts = (messages: readonly IncomingMessage[]) =>
  messages.map(({ payload }) => Buffer.from(payload).toString())

describe.each([
  ['5', 5],
  ['3.1.1', 4],
] as const)('F-38: what we rely on of the MQTT client, in MQTT %s:', (protocol, level) => {
  it('F-24, F-33: we introduce ourselves so that the broker keeps our input, and nothing for our output', async () => {
    const broker = await scripted()
    connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(broker.peers[0]?.hello).toBeDefined())
    connectionTo(broker.url, protocol, false)
    await vi.waitFor(() => expect(broker.peers[1]?.hello).toBeDefined())
    const both = { level, keepaliveS: 15, receiveMaximum: level === 5 ? WINDOW : undefined }
    expect(broker.peers.map(({ hello }) => hello)).toEqual([
      {
        ...both,
        clean: false,
        clientId: 'gw-in',
        hasWill: false,
        sessionExpiry: level === 5 ? 7 * 86_400 : undefined,
      },
      { ...both, clean: true, clientId: 'gw-out', hasWill: true, sessionExpiry: undefined },
    ])
  })

  it('what a kept session delivers in one piece with the CONNACK is not missed', async () => {
    const broker = await scripted({
      sessionPresent: true,
      behindConnack: () => ['a', 'b'].map((text, n) => message(level, 'in/x', n + 1, text)),
    })
    const { story } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(story).toEqual(['resumed', 'message a', 'message b']))
  })

  it('F-28: nothing is acknowledged before we say so, then in the order of the messages', async () => {
    const broker = await scripted({
      behindConnack: () => ['a', 'b', 'c'].map((text, n) => message(level, 'in', n + 7, text)),
    })
    const { releases, connection } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(releases.length).toBe(3))
    const [first, second, third] = releases
    third?.()
    second?.()
    // Whatever was sent before this has arrived with it.
    await new Promise<void>((resolve) => connection.subscribe('in', 1, () => resolve()))
    expect(broker.peers[0]?.acknowledged).toEqual([])
    first?.()
    await vi.waitFor(() => expect(broker.peers[0]?.acknowledged).toEqual([7, 8, 9]))
  })

  it('F-28: no more is read while 2000 messages wait, and all the rest once half of them are safe', async () => {
    const all = Array.from({ length: WINDOW + 500 }, (_, n) => n + 1)
    const broker = await scripted({
      behindConnack: () => all.map((n) => message(level, 'in', n, String(n))),
    })
    const { messages, releases, set } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(messages.length).toBe(WINDOW))
    for (const release of releases.slice(0, WINDOW / 2 - 1)) release()
    await vi.waitFor(() => expect(broker.peers[0]?.acknowledged.length).toBe(WINDOW / 2 - 1))
    expect(messages.length).toBe(WINDOW)
    set.holds = false
    for (const release of releases.slice(WINDOW / 2 - 1)) release()
    await vi.waitFor(() => expect(broker.peers[0]?.acknowledged).toEqual(all))
    expect(texts(messages)).toEqual(all.map(String))
  })

  it('F-28: a connection is closed on purpose where nothing becomes safe, so that all of it comes again', async () => {
    const broker = await scripted({
      behindConnack: () =>
        Array.from({ length: WINDOW + 1 }, (_, n) => message(level, 'in', n + 1, 'x')),
    })
    const clock = new ManualClock()
    const { messages, ends, releases } = connectionTo(broker.url, protocol, true, clock)
    await vi.waitFor(() => expect(messages.length).toBe(WINDOW))
    clock.advance(7499)
    expect(ends).toEqual([])
    clock.advance(1)
    await vi.waitFor(() => expect(ends).toMatchObject([{ code: 'acknowledgements-held' }]))
    for (const release of releases) release()
    await new Promise(setImmediate)
    expect(broker.peers[0]?.acknowledged).toEqual([])
  })

  it('a lost connection ends once, answers no publication, and its acknowledgements are void', async () => {
    const broker = await scripted({ behindConnack: () => [message(level, 'in', 1, 'a')] })
    const { connection, releases, ends, story } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(releases.length).toBe(1))
    const published: unknown[] = []
    const out = { topic: 'out', payload: 'x', qos: 1, retain: false } as const
    broker.peers[0]?.socket.resetAndDestroy()
    connection.publish(out, (error) => published.push(error))
    await vi.waitFor(() => expect(ends.length).toBe(1))
    releases[0]?.()
    await new Promise(setImmediate)
    expect([broker.peers.length, ends.length, published]).toEqual([1, 1, []])
    expect(broker.peers[0]?.acknowledged).toEqual([])
    expect(story).toEqual(['connected', 'message a', 'closed'])
  })

  it('a new connection repeats nothing of the one before', async () => {
    const broker = await scripted({ onPacket: ({ type }) => type === packetType.publish })
    const out = { topic: 'out', payload: 'x', qos: 1, retain: false } as const
    const first = connectionTo(broker.url, protocol, false)
    await vi.waitFor(() => expect(first.story).toEqual(['connected']))
    first.connection.publish(out, () => {})
    await vi.waitFor(() => expect(broker.peers[0]?.of('publish').length).toBe(1))
    broker.peers[0]?.socket.resetAndDestroy()
    const second = connectionTo(broker.url, protocol, false)
    await vi.waitFor(() => expect(second.story).toEqual(['connected']))
    await new Promise<void>((resolve) => second.connection.subscribe('a', 1, () => resolve()))
    expect(broker.peers[1]?.of('publish')).toEqual([])
  })

  it('a refused subscription is told, one whose connection ends is not', async () => {
    const broker = await scripted({
      onPacket({ type, body }, peer) {
        if (type !== packetType.subscribe) return false
        const refused = peer.of('subscribe').length === 1
        if (refused) peer.send(suback(level, body.subarray(0, 2), level === 5 ? 0x87 : 0x80))
        else peer.socket.end()
        return true
      },
    })
    const { connection, story, ends } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(story).toEqual(['connected']))
    const outcome = await new Promise((resolve) => connection.subscribe('a', 1, resolve))
    expect(outcome).toMatchObject({ ok: false })
    let told = false
    connection.subscribe('b', 1, () => {
      told = true
    })
    await vi.waitFor(() => expect(ends.length).toBe(1))
    expect(told).toBe(false)
  })

  it('a packet that is none ends the connection', async () => {
    const broker = await scripted({ behindConnack: () => [packet(0xf7, Buffer.of(1, 2, 3))] })
    const { ends } = connectionTo(broker.url, protocol)
    await vi.waitFor(() => expect(ends.map(({ code }) => code)).toEqual(['protocol-error']))
  })

  it('F-33: a peer that answers no ping is given up after one and a half times the keepalive', async () => {
    const broker = await scripted({ onPacket: ({ type }) => type === packetType.pingreq })
    // A second instead of the fifteen that we ask for: the client's rule is the same.
    const client = connect(broker.url, {
      protocolVersion: level,
      keepalive: 1,
      reconnectPeriod: 0,
    })
    onTestFinished(() => void client.end(true))
    client.on('error', () => {})
    const connected = await new Promise<number>((resolve) => {
      client.on('connect', () => resolve(performance.now()))
    })
    await new Promise<void>((resolve) => client.on('close', () => resolve()))
    const passed = performance.now() - connected
    expect(passed).toBeGreaterThan(1300)
    expect(passed).toBeLessThan(2500)
    expect(broker.peers[0]?.of('pingreq').length).toBe(1)
  })
})

describe('F-38: what we rely on of the MQTT client:', () => {
  it('it is the version that these tests were written for, which uses a private method of it', () => {
    const file = new URL('../../node_modules/mqtt/package.json', import.meta.url)
    expect(JSON.parse(readFileSync(file, 'utf8')).version).toBe('5.16.0')
  })

  it.each([
    [0, false],
    [1000, true],
  ])('with a reconnect period of %i it reconnects by itself: %s', async (reconnectPeriod, does) => {
    const broker = await scripted()
    const client = connect(broker.url, { reconnectPeriod })
    onTestFinished(() => void client.end(true))
    client.on('error', () => {})
    await new Promise<void>((resolve) => client.on('connect', () => resolve()))
    broker.peers[0]?.socket.resetAndDestroy()
    await new Promise<void>((resolve) => client.on('close', () => resolve()))
    await new Promise(setImmediate)
    expect(client.reconnecting).toBe(does)
  })

  it('no packet id is given out twice while it is in use, beyond 65 535', async () => {
    let first: number | undefined
    const twice: number[] = []
    const broker = await scripted({
      onPacket({ type, body }, peer) {
        if (type !== packetType.publish) return false
        const id = body.readUInt16BE(2 + body.readUInt16BE(0))
        if (first === undefined) first = id
        else if (id === first) twice.push(id)
        else peer.send(puback(id))
        return true
      },
    })
    const { connection, story } = connectionTo(broker.url, '5', false)
    await vi.waitFor(() => expect(story).toEqual(['connected']))
    const out = { topic: 'o', payload: '', qos: 1, retain: false } as const
    let firstDone = false
    connection.publish(out, () => {
      firstDone = true
    })
    let acknowledged = 0
    let sent = 0
    await new Promise<void>((resolve) => {
      const next = () => {
        for (; sent < 66_000 && sent - acknowledged < 1000; sent++)
          connection.publish(out, () => {
            acknowledged++
            if (acknowledged === 66_000) resolve()
            else if (acknowledged % 500 === 0) next()
          })
      }
      next()
    })
    expect([twice, firstDone]).toEqual([[], false])
  })

  it('no more waits for an acknowledgement than the broker lets wait', async () => {
    const broker = await scripted({
      receiveMaximum: 3,
      onPacket: ({ type }) => type === packetType.publish,
    })
    const { connection, story } = connectionTo(broker.url, '5', false)
    await vi.waitFor(() => expect(story).toEqual(['connected']))
    const out = { topic: 'o', payload: 'x', qos: 1, retain: false } as const
    let done = 0
    for (let n = 0; n < 10; n++) connection.publish(out, () => done++)
    // One of QoS 0 behind them may pass.
    connection.publish({ ...out, qos: 0 }, () => {})
    const [peer] = broker.peers
    for (let most = 3; done < 10; most++) {
      await vi.waitFor(() => expect(peer?.of('publish').length).toBe(Math.min(most, 10) + 1))
      const next =
        peer?.of('publish').filter(({ flags }) => flags > 0)[done]?.body ?? Buffer.alloc(5)
      peer?.send(puback(next.readUInt16BE(2 + next.readUInt16BE(0))))
      const answered = most - 2
      await vi.waitFor(() => expect(done).toBe(answered))
    }
  })

  it('F-35: a link says how many that are, to who keeps the others in order', async () => {
    const { url } = await scripted({ receiveMaximum: 3 })
    const identity = { clientId: 'gw-out', clean: true }
    const door = brokerDoor({ urls: [url] }, identity, systemClock)
    const link = new MqttLink({ name: 'broker', door, clock: systemClock, random: () => 0.5 })
    onTestFinished(() => link.stop())
    link.start()
    await vi.waitFor(() => expect(link.state.kind).toBe('open'))
    expect(tappedLink(link, () => {}).mostUnacknowledged).toBe(3)
  })

  it.skipIf(withoutMosquitto())(
    'a message of QoS 2 takes its own way behind those before it',
    async () => {
      const mosquitto = await Mosquitto.start()
      onTestFinished(() => mosquitto.stop())
      const observer = await Observer.of(mosquitto.url, 'order')
      onTestFinished(() => observer.close())
      const { connection, story } = connectionTo(mosquitto.url, '5', false)
      await vi.waitFor(() => expect(story).toEqual(['connected']))
      const said = Array.from({ length: 30 }, (_, n) => `${n}`)
      const done = said.map(
        (payload, n) =>
          new Promise<unknown>((resolve) => {
            const qos = (n % 3) as 0 | 1 | 2
            connection.publish({ topic: 'order', payload, qos, retain: false }, resolve)
          }),
      )
      expect(await Promise.all(done)).toEqual(said.map(() => undefined))
      await observer.until(({ length }) => length === said.length)
      expect(observer.seen.map(({ payload }) => payload).sort()).toEqual(said.sort())
    },
  )

  it('a refusal of MQTT 5 comes with its code, and an end without an answer is none', async () => {
    const codes = [0x87, 0x97, undefined]
    const broker = await scripted({
      onPacket({ type, body }, peer) {
        if (type !== packetType.publish) return false
        const id = body.readUInt16BE(2 + body.readUInt16BE(0))
        const code = codes[peer.of('publish').length - 1]
        if (code === undefined) peer.socket.end()
        else peer.send(puback(id, code))
        return true
      },
    })
    const { connection, story, ends } = connectionTo(broker.url, '5', false)
    await vi.waitFor(() => expect(story).toEqual(['connected']))
    const out = { topic: 'o', payload: 'x', qos: 1, retain: false } as const
    const answers: unknown[] = []
    for (let n = 0; n < 3; n++)
      connection.publish(out, (error) => answers.push(error && 'code' in error && error.code))
    await vi.waitFor(() => expect(ends.length).toBe(1))
    expect(answers).toEqual([135, 151])
  })

  it.each([
    [139, 'disconnect-139', 'it is shutting down'],
    [142, 'taken-over', 'another client has connected with our id'],
    [149, 'disconnect-149', 'too large'],
    [143, 'disconnect-143', 'code 143'],
    [0, 'closed', 'closed the connection'],
  ])('why a broker says goodbye (%i) is told', async (code, told, why) => {
    const broker = await scripted()
    const { story, ends } = connectionTo(broker.url, '5')
    await vi.waitFor(() => expect(story).toEqual(['connected']))
    broker.peers[0]?.send(disconnect(code))
    broker.peers[0]?.socket.end()
    await vi.waitFor(() => expect(ends.length).toBe(1))
    expect(ends[0]).toMatchObject({ code: told, reason: expect.stringContaining(why) })
  })
})
