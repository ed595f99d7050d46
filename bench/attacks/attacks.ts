import { naughtyTexts } from './naughty.js'
import { RawClient } from './raw-client.js'
import * as wire from './wire.js'

/** What is attacked: a broker on this machine. */
export interface Target {
  readonly port: number
}

export interface Attack {
  /** With the number of the published fault of another broker, or of aedes, whose pattern it repeats. */
  readonly name: string
  /** Returns what should not have happened. */
  run(target: Target): Promise<readonly string[]>
}

/** A client that the broker has let in. */
async function letIn(target: Target, options: wire.Connect = {}): Promise<RawClient> {
  const client = await RawClient.open(target.port)
  await client.send(wire.connectPacket(options))
  await client.bytes(4)
  return client
}

/** That a packet of a client that was let in ends its connection. */
async function sentAway(target: Target, what: string, bytes: Uint8Array): Promise<string[]> {
  const client = await letIn(target)
  await client.send(bytes)
  const gone = await client.isSentAway()
  client.close()
  return gone ? [] : [`${what} is taken`]
}

/** The return code of the answer to a CONNECT; undefined where the connection ended without one. */
async function answerTo(target: Target, bytes: Uint8Array): Promise<number | undefined> {
  const client = await RawClient.open(target.port)
  await client.send(bytes)
  await client.bytes(4).catch(() => {})
  client.close()
  return client.received[0] === 0x20 ? client.received[3] : undefined
}

async function refusedConnects(
  target: Target,
  connects: readonly (readonly [what: string, bytes: Uint8Array])[],
): Promise<string[]> {
  const faults: string[] = []
  for (const [what, bytes] of connects) {
    if ((await answerTo(target, bytes)) === 0) faults.push(`${what} is let in`)
  }
  return faults
}

const connect = (options: wire.Connect) => wire.connectPacket(options)
const INVALID_UTF8 = Buffer.of(0x61, 0x2f, 0xc3, 0x28)

/** On the broker itself; they take many connections. */
export const brokerAttacks: readonly Attack[] = [
  {
    name: 'CVE-2017-7650: wildcards and slashes as client id',
    run: (target) =>
      refusedConnects(
        target,
        ['+', '#', 'a/b', '+/x', '$SYS'].map((clientId) => [clientId, connect({ clientId })]),
      ),
  },
  {
    name: 'CVE-2017-7653: topics that are no UTF-8',
    async run(target) {
      const witness = await letIn(target)
      await witness.send(wire.subscribePacket('a/#'))
      const faults = [
        ...(await sentAway(
          target,
          'a topic of invalid UTF-8',
          wire.publishPacket(INVALID_UTF8, 'x'),
        )),
        ...(await refusedConnects(target, [
          ['a client id of invalid UTF-8', connect({ clientId: INVALID_UTF8 })],
          [
            'a will on invalid UTF-8',
            connect({ will: { topic: INVALID_UTF8, payload: Buffer.of(1) } }),
          ],
        ])),
      ]
      // CONNACK and SUBACK.
      if (witness.received.length > 9) faults.push('a subscriber was sent it')
      witness.close()
      return faults
    },
  },
  {
    name: 'CVE-2018-12543: a publication on a topic of the broker',
    run: (target) => sentAway(target, '$SYS', wire.publishPacket('$SYS/broker/load', 'x')),
  },
  {
    name: 'CVE-2021-34432: a publication on an empty topic',
    run: (target) => sentAway(target, 'an empty topic', wire.publishPacket('', 'x')),
  },
  {
    name: 'CVE-2017-7651: CONNECT that promises 250 MB, twenty times',
    async run(target) {
      const clients = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const client = await RawClient.open(target.port)
          await client.send(Buffer.of(0x10, 0x80, 0x90, 0x9b, 0x77))
          for (let n = 0; n < 4; n++) await client.send(Buffer.alloc(256 * 1024))
          return client
        }),
      )
      const faults: string[] = []
      for (const client of clients) {
        if (!(await client.isSentAway())) faults.push('it is waited for')
        client.close()
      }
      return faults
    },
  },
  {
    name: 'CVE-2023-0809: a first packet that is no CONNECT and promises much',
    async run(target) {
      const client = await RawClient.open(target.port)
      await client.send(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f))
      const gone = await client.isSentAway()
      client.close()
      return gone ? [] : ['it is waited for']
    },
  },
  {
    name: 'CVE-2023-28366: QoS 2 messages that are never released',
    async run(target) {
      const faults: string[] = []
      const same = await letIn(target)
      for (let n = 0; n < 50; n++) {
        await same.send(wire.publishPacket('q', 'x', { qos: 2, id: 7 }))
      }
      const many = await letIn(target)
      for (let id = 1; id <= 500 && many.isOpen; id++) {
        await many.send(wire.publishPacket('q', 'x'.repeat(1000), { qos: 2, id }))
      }
      if (!(await many.isSentAway())) faults.push('500 unreleased messages are kept')
      same.close()
      many.close()
      return faults
    },
  },
  {
    name: 'mosquitto 2.0.12: an MQTT 5 CONNECT of a thousand user properties',
    async run(target) {
      const property = Buffer.concat([Buffer.of(0x26), wire.prefixed('k'), wire.prefixed('v')])
      const properties = Buffer.concat(Array.from({ length: 1000 }, () => property))
      const code = await answerTo(target, connect({ level: 5, properties }))
      return code === 0 ? ['it is let in'] : []
    },
  },
  {
    name: 'CVE-2020-13849: keepalive of none and of 18 hours',
    run: (target) =>
      refusedConnects(target, [
        ['keepalive 0', connect({ keepalive: 0 })],
        ['keepalive 65535', connect({ keepalive: 65_535 })],
      ]),
  },
  {
    name: 'CVE-2026-25627, CVE-2026-21888: a remaining length of too many bytes',
    async run(target) {
      const first = await RawClient.open(target.port)
      await first.send(Buffer.of(0x10, 0xff, 0xff, 0xff, 0xff, 0x01))
      const gone = await first.isSentAway()
      first.close()
      const later = Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01)
      return [...(gone ? [] : ['it is waited for']), ...(await sentAway(target, 'it', later))]
    },
  },
  {
    name: 'CVE-2024-48077: a subscriber that takes nothing while its queue fills',
    async run(target) {
      const frozen = await letIn(target)
      await frozen.send(wire.subscribePacket('flood', 1))
      await frozen.bytes(9)
      frozen.freeze()
      const publisher = await letIn(target)
      for (let n = 0; n < 200; n++) {
        await publisher.send(wire.publishPacket('flood', Buffer.alloc(60_000)))
      }
      // Longer than it takes to send it away; a socket that is not read does not notice its end.
      await frozen.isSentAway(4000)
      frozen.socket.resume()
      const gone = await frozen.isSentAway(1000)
      publisher.close()
      frozen.close()
      return gone ? [] : ['it is kept']
    },
  },
  {
    name: 'GHSA-52qw-whmv-87c5: inherited names as client id',
    run: (target) =>
      refusedConnects(
        target,
        ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((clientId) => [
          clientId,
          connect({ clientId }),
        ]),
      ),
  },
  {
    name: 'aedes: topics and filters deeper than its matcher takes',
    async run(target) {
      const deep = Array.from({ length: 200 }, () => 'a').join('/')
      const client = await letIn(target)
      await client.send(wire.subscribePacket(`${deep}/#`))
      await client.isSentAway(500)
      const granted = client.received.includes(Buffer.of(0x90, 3, 0, 1, 1))
      client.close()
      return [
        ...(granted ? ['a filter of 200 levels is granted'] : []),
        ...(await sentAway(target, 'a topic of 200 levels', wire.publishPacket(deep, 'x'))),
      ]
    },
  },
  {
    name: 'aedes: the same PUBREL many times at once',
    async run(target) {
      const client = await letIn(target)
      await client.send(wire.publishPacket('q', 'x', { qos: 2, id: 9 }))
      await client.bytes(8)
      await client.send(Buffer.concat(Array.from({ length: 50 }, () => wire.pubrelPacket(9))))
      await client.bytes(8 + 4).catch(() => {})
      client.close()
      return []
    },
  },
  {
    name: 'a flood of retained messages, each on a topic of its own',
    async run(target) {
      const client = await letIn(target)
      for (let n = 0; n < 2000; n++) {
        await client.send(wire.publishPacket(`junk/${n}`, Buffer.alloc(4000), { retain: true }))
      }
      // Round trip: all of it has been dealt with.
      await client.send(wire.subscribePacket('nothing', 1, 3))
      await client.bytes(4 + 5, 20_000)
      const late = await letIn(target)
      await late.send(wire.subscribePacket('junk/#'))
      await late.bytes(9)
      await late.send(wire.PINGREQ)
      await late.bytes(9 + 2)
      const kept = late.received.length > 11
      client.close()
      late.close()
      return kept ? ['strangers leave messages behind'] : []
    },
  },
  {
    name: 'texts that programs stumble over, as id, user, topic, filter, will and payload',
    async run(target) {
      for (const text of naughtyTexts) {
        const client = await RawClient.open(target.port)
        await client.send(connect({ clientId: text.slice(0, 60), user: text, password: text }))
        await client.bytes(4).catch(() => {})
        client.close()
        const inside = await letIn(target)
        await inside.send(wire.subscribePacket(text))
        await inside.send(wire.publishPacket(text, text))
        inside.close()
        const dying = await RawClient.open(target.port)
        await dying.send(connect({ will: { topic: `alec/${text}`, payload: Buffer.from(text) } }))
        await dying.bytes(4).catch(() => {})
        dying.close()
      }
      return []
    },
  },
]

/** On what the bridge reads. New connections are few: the program lets ten a second in. */
export const inputAttacks: readonly Attack[] = [
  {
    name: 'JSON that is nested as deep as a message is long',
    async run(target) {
      const client = await letIn(target)
      for (const open of ['[', '{"a":', '{"a":{"b":']) {
        const payload = open.repeat(Math.floor(4000 / open.length))
        await client.send(wire.publishPacket('up/n-2', payload, { qos: 1, id: 5 }))
      }
      // Taken and thrown away: acknowledged, for it would be the same the next time.
      await client.bytes(4 + 3 * 4)
      client.close()
      return []
    },
  },
  {
    name: 'texts that programs stumble over, as device, frame and document',
    async run(target) {
      let client = await letIn(target)
      for (const text of naughtyTexts) {
        if (!client.isOpen) client = await letIn(target)
        await client.send(wire.publishPacket('alec/n-1/frame', text))
        await client.send(wire.publishPacket('up/n-2', JSON.stringify({ a: { b: text } })))
        await client.send(wire.publishPacket('up/n-2', JSON.stringify({ [text]: { b: text } })))
        await client.send(wire.publishPacket(`alec/${text}/frame`, text))
        await client.send(wire.PINGREQ)
        // Some are no topics, which ends the connection.
        await Promise.race([
          client.isSentAway(100),
          client.bytes(client.received.length + 2, 100),
        ]).catch(() => {})
      }
      client.close()
      return []
    },
  },
]
