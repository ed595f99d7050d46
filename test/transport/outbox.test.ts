import fc from 'fast-check'
import { type IPublishPacket, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import { Outbox } from '../../src/transport/outbox.js'
import { ClientIds, OwnIds } from '../../src/transport/packet-ids.js'

/** An outbox whose writes the test completes by hand. */
function outboxOn(protocolVersion: 4 | 5 = 5, receiveMaximum = 65_535) {
  const writes: { bytes: Uint8Array; written: (error?: Error) => void }[] = []
  const outbox = new Outbox({
    protocolVersion,
    receiveMaximum,
    write: (bytes, written) => writes.push({ bytes, written }),
  })
  const packets = () => {
    const found: Packet[] = []
    const reader = parser({ protocolVersion })
    reader.on('packet', (packet) => found.push(packet))
    for (const { bytes } of writes) reader.parse(Buffer.from(bytes))
    return found
  }
  return { outbox, writes, packets, turn: () => new Promise(setImmediate) }
}

const message = (payload: string | Uint8Array, qos: 0 | 1 = 0): OutgoingMessage => ({
  topic: 'alec/node/readings',
  payload,
  qos,
  retain: false,
})

const published = (packets: readonly Packet[]) =>
  packets.filter((packet): packet is IPublishPacket => packet.cmd === 'publish')

const texts = (packets: readonly Packet[]) => published(packets).map(({ payload }) => `${payload}`)

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const anyMessage = fc.record(
  {
    topic: text.filter((topic) => topic !== ''),
    payload: fc.oneof(text, fc.uint8Array({ maxLength: 300 })),
    qos: fc.constantFrom(0, 1),
    retain: fc.boolean(),
    key: text,
    expirySeconds: fc.nat(),
    correlation: fc.uint8Array({ maxLength: 200 }),
  },
  { requiredKeys: ['topic', 'payload', 'qos', 'retain'] },
)

describe('what leaves for a broker', () => {
  it('leaves in one piece, as far as it comes in one turn', async () => {
    const { outbox, writes, packets, turn } = outboxOn()
    for (const payload of ['a', 'b', 'c']) outbox.publish(message(payload, 1), () => {})
    outbox.acknowledge(7)
    expect(writes).toEqual([])
    await turn()
    expect(writes.length).toBe(1)
    expect(texts(packets())).toEqual(['a', 'b', 'c'])
    expect(packets().at(-1)).toMatchObject({ cmd: 'puback', messageId: 7 })
    outbox.publish(message('d'), () => {})
    await turn()
    expect([writes.length, texts(packets())]).toEqual([2, ['a', 'b', 'c', 'd']])
  })

  it.each([4, 5] as const)(
    'arrives as it was said, in the order of saying it (level %i)',
    async (level) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyMessage, { maxLength: 30 }), async (messages) => {
          const { outbox, packets, turn } = outboxOn(level)
          for (const each of messages) outbox.publish(each as OutgoingMessage, () => {})
          await turn()
          const said = messages.map(({ payload, key, expirySeconds, correlation, ...rest }) => ({
            ...rest,
            payload: Buffer.from(payload as Uint8Array).toString('hex'),
            key: level === 5 ? key : undefined,
            expirySeconds: level === 5 ? expirySeconds : undefined,
            correlation: level === 5 && correlation ? hexOf(correlation) : undefined,
          }))
          const heard = published(packets()).map(({ topic, payload, qos, retain, properties }) => ({
            topic,
            payload: (payload as Buffer).toString('hex'),
            qos,
            retain,
            key: properties?.userProperties?.key,
            expirySeconds: properties?.messageExpiryInterval,
            correlation: properties?.correlationData && hexOf(properties.correlationData),
          }))
          expect(heard).toEqual(said)
        }),
        { numRuns: 50 },
      )
    },
  )

  it.each([4, 5] as const)(
    'may have any length, where the length takes one more byte as well (level %i)',
    async (level) => {
      const { outbox, packets, turn } = outboxOn(level)
      const sizes = [0, 128, 128 ** 2, 128 ** 3].flatMap((limit) =>
        Array.from({ length: 40 }, (_, n) => Math.max(0, limit - 40 + n)),
      )
      for (const size of sizes) outbox.publish(message(new Uint8Array(size)), () => {})
      await turn()
      expect(published(packets()).map(({ payload }) => payload.length)).toEqual(sizes)
    },
  )

  it('never has a topic that its length does not fit', () => {
    const { outbox } = outboxOn()
    const topic = 'x'.repeat(65_536)
    expect(() => outbox.publish({ ...message(''), topic }, () => {})).toThrow(RangeError)
  })

  it('may be longer than a batch', async () => {
    const { outbox, packets, turn } = outboxOn()
    const long = 'x'.repeat(100_000)
    for (const payload of ['a', long, 'b', 'é'.repeat(20_000)])
      outbox.publish(message(payload), () => {})
    await turn()
    expect(texts(packets())).toEqual(['a', long, 'b', 'é'.repeat(20_000)])
  })

  it('is not overwritten before it has been written', async () => {
    const { outbox, packets, writes, turn } = outboxOn()
    const said = Array.from({ length: 2000 }, (_, n) => `${n}`.padStart(100, '.'))
    for (const payload of said) {
      outbox.publish(message(payload), () => {})
      if (payload.endsWith('00')) await turn()
    }
    await turn()
    expect(writes.length).toBeGreaterThanOrEqual(20)
    expect(texts(packets())).toEqual(said)
    // From now on the same memory serves again.
    for (const { written } of writes.splice(0)) written()
    outbox.publish(message('again'), () => {})
    await turn()
    expect(texts(packets())).toEqual(['again'])
  })

  it('of QoS 0 is done once it is written, and not where the connection failed', async () => {
    const { outbox, writes, turn } = outboxOn()
    const done: string[] = []
    outbox.publish(message('a'), () => done.push('a'))
    outbox.publish(message('b'), () => done.push('b'))
    await turn()
    expect(done).toEqual([])
    writes[0]?.written()
    expect(done).toEqual(['a', 'b'])
    outbox.publish(message('c'), () => done.push('c'))
    await turn()
    writes[1]?.written(new Error('EPIPE'))
    outbox.publish(message('d'), () => done.push('d'))
    await turn()
    outbox.close()
    writes[2]?.written()
    expect(done).toEqual(['a', 'b'])
  })

  it('of QoS 1 is done once it is acknowledged, or refused', async () => {
    const { outbox, packets, turn } = outboxOn()
    const done: (string | undefined)[] = []
    for (const payload of ['a', 'b', 'c'])
      outbox.publish(message(payload, 1), (error) => done.push(error?.message ?? payload))
    await turn()
    const [a = 0, b = 0, c = 0] = published(packets()).map(({ messageId }) => messageId)
    expect(new Set([a, b, c]).size).toBe(3)
    expect(outbox.answered(b, new Error('no'))).toBe(true)
    expect(outbox.answered(a, undefined)).toBe(true)
    // Once is enough, and nobody else's is ours.
    expect(outbox.answered(a, undefined)).toBe(false)
    expect(outbox.answered(60_000, undefined)).toBe(false)
    outbox.close()
    expect(outbox.answered(c, undefined)).toBe(false)
    expect(done).toEqual(['no', 'a'])
  })

  it('of QoS 1 waits where the broker does not want more at a time', async () => {
    const { outbox, packets, turn } = outboxOn(5, 2)
    for (const payload of ['a', 'b', 'c', 'd']) outbox.publish(message(payload, 1), () => {})
    outbox.publish(message('zero'), () => {})
    await turn()
    expect(texts(packets())).toEqual(['a', 'b', 'zero'])
    outbox.answered(published(packets())[0]?.messageId ?? 0, undefined)
    await turn()
    expect(texts(packets())).toEqual(['a', 'b', 'zero', 'c'])
  })

  it('never has more unacknowledged than there are ids, and no id twice', async () => {
    const { outbox, packets, turn } = outboxOn()
    let done = 0
    for (let n = 0; n < 10_000; n++) outbox.publish(message(`${n}`, 1), () => done++)
    const seen: string[] = []
    for (let taken = 0; done < 10_000; ) {
      await turn()
      const sent = published(packets()).slice(taken)
      const ids = sent.map(({ messageId }) => messageId ?? 0)
      expect(ids.length).toBeLessThanOrEqual(4096)
      expect(new Set(ids).size).toBe(ids.length)
      seen.push(...texts(sent))
      taken += sent.length
      for (const id of ids) outbox.answered(id, undefined)
    }
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, n) => `${n}`))
  })
})

describe('packet ids', () => {
  it("the client's own are never ours, and none comes again while it is in use", () => {
    const own = new OwnIds()
    const ours = new Set<number>()
    for (let id = own.take(); id > 0; id = own.take()) ours.add(id)
    const client = new ClientIds()
    const first = client.allocate() ?? 0
    expect(client.getLastAllocated()).toBe(first)
    const others = new Set<number>([first])
    for (let id = client.allocate(); id !== null; id = client.allocate()) others.add(id)
    expect([...others].filter((id) => ours.has(id))).toEqual([])
    expect(ours.size + others.size).toBe(65_535)
    client.deallocate(40_000)
    expect([client.allocate(), client.allocate()]).toEqual([40_000, null])
    client.clear()
    expect(client.register(40_000)).toBe(true)
    expect(client.register(40_000)).toBe(false)
    expect(client.register(1)).toBe(false)
  })

  it('ours come again as late as possible', () => {
    const ids = new OwnIds()
    const first = ids.take()
    ids.giveBack(first)
    const next = Array.from({ length: 4095 }, () => ids.take())
    expect(next).not.toContain(first)
    expect(ids.take()).toBe(first)
    expect(ids.take()).toBe(0)
  })
})
