import { describe, expect, it } from 'vitest'
import type { BrokerConnection, ConnectionEnd } from '../../src/transport/broker-port.js'
import { Agenda } from './agenda.js'
import { SimBroker } from './sim-broker.js'
import type { SimConnection } from './sim-connection.js'

const LATENCY = 10

function rig(window = 2) {
  const agenda = new Agenda(() => 0)
  const published: string[] = []
  const ways = new Set<string>()
  const broker = new SimBroker({
    agenda,
    latencyMs: (way) => {
      ways.add(way)
      return LATENCY
    },
    window,
    maxQueued: 100,
    onPublished: ({ topic, payload }) => published.push(`${topic} ${payload}`),
    onReceived: () => {},
    onReleased: () => {},
    breaksAtAck: () => false,
    refuses: () => false,
  })
  const connect = (clientId: string, clean: boolean, keep: (() => void)[] = []) => {
    const heard: string[] = []
    const ends: ConnectionEnd[] = []
    const opened: SimConnection[] = []
    const will = { topic: `${clientId}/will`, payload: 'gone', qos: 1, retain: false } as const
    const client = { enter: (entry: () => void) => entry() }
    const door = broker.door({ clientId, clean, will }, client, (one) => opened.push(one))
    const connection: BrokerConnection = door.open({
      onConnected: (resumed) => heard.push(resumed ? 'resumed' : 'connected'),
      onMessage: (message) => {
        heard.push(new TextDecoder().decode(message.payload))
        const held = 'hold' in message ? (message.hold as () => () => void) : undefined
        if (held && keep.length < 100) keep.push(held())
      },
      onClosed: (end) => ends.push(end),
    })
    return { connection, heard, ends, opened }
  }
  const pass = (ms: number) => {
    const until = agenda.now + ms
    while (agenda.next(until)) {}
  }
  const say = (payload: string) =>
    broker.take({ topic: 'in', payload: new TextEncoder().encode(payload), qos: 1, retain: false })
  return { broker, published, ways, connect, pass, say }
}

describe('the simulated broker', () => {
  it('sends no more than its window before acknowledgements come, and these in order', () => {
    const { connect, pass, say } = rig(2)
    const keep: (() => void)[] = []
    const { connection, heard } = connect('a', false, keep)
    connection.subscribe('in', 1, () => {})
    pass(100)
    for (const payload of ['1', '2', '3']) say(payload)
    pass(100)
    expect(heard).toEqual(['connected', '1', '2'])
    keep[1]?.()
    pass(100)
    expect(heard).toEqual(['connected', '1', '2'])
    keep[0]?.()
    pass(100)
    expect(heard).toEqual(['connected', '1', '2', '3'])
  })

  it('keeps a session: what was not acknowledged comes again, then what waited', () => {
    const { broker, connect, pass, say } = rig()
    const first = connect('a', false, [])
    first.connection.subscribe('in', 1, () => {})
    pass(100)
    say('1')
    pass(100)
    broker.cut()
    pass(100)
    say('2')
    const second = connect('a', false)
    pass(100)
    expect(first.ends).toHaveLength(1)
    expect(second.heard).toEqual(['resumed', '1', '2'])
  })

  it('publishes the will of who vanishes, not of who says goodbye', () => {
    const { connect, pass, published } = rig()
    const polite = connect('polite', true)
    const rude = connect('rude', true)
    pass(100)
    polite.connection.close()
    rude.connection.abort()
    pass(100)
    expect(published).toEqual(['rude/will gone'])
  })

  it('ends the older connection of a client before it accepts the newer', () => {
    const { connect, pass, published } = rig()
    const older = connect('a', true)
    pass(100)
    connect('a', true)
    pass(100)
    expect(older.ends).toEqual([{ code: 'closed', reason: 'taken over' }])
    expect(published).toEqual(['a/will gone'])
  })

  it('loses what was under way when a connection breaks', () => {
    const { broker, connect, pass, published } = rig()
    const { connection } = connect('a', true)
    pass(100)
    let acknowledged = false
    const message = { topic: 'out', payload: 'x', qos: 1, retain: false } as const
    connection.publish(message, () => {
      acknowledged = true
    })
    pass(LATENCY / 2)
    broker.cut()
    pass(100)
    expect([published, acknowledged]).toEqual([['a/will gone'], false])
  })

  it('leaves both ends of a stuck connection to find out by themselves', () => {
    const { broker, connect, pass, published } = rig()
    const { ends } = connect('a', true)
    pass(100)
    broker.stick()
    pass(20_000)
    expect([ends, published]).toEqual([[], []])
    pass(3000)
    expect([ends.length, published]).toEqual([1, ['a/will gone']])
  })

  it('asks for the time of a way by a name that no other way has', () => {
    const { broker, connect, pass, ways } = rig()
    connect('a', true)
    connect('b', true)
    pass(100)
    broker.cut('a')
    connect('a', true)
    pass(100)
    const open = ['a 1', 'a 2', 'b 1'].flatMap((name) => [`${name} up`, `${name} down`])
    expect([...ways].sort()).toEqual([...open, 'a 1 break'].sort())
  })

  it('says why it takes nobody in', () => {
    const { broker, connect, pass } = rig()
    broker.refuse(5)
    const refused = connect('a', true)
    pass(100)
    broker.goDown(false)
    const alone = connect('a', true)
    pass(100)
    expect([refused.ends[0]?.code, alone.ends[0]?.code]).toEqual(['connack-5', 'ECONNREFUSED'])
  })
})
