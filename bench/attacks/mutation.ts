import type { Target } from './attacks.js'
import { naughtyTexts } from './naughty.js'
import { RawClient } from './raw-client.js'
import { Turns } from './turns.js'
import * as wire from './wire.js'

/** Packets that are right, to be made wrong. */
const originals: readonly Buffer[] = [
  wire.connectPacket({ clientId: 'm' }),
  wire.connectPacket({ clientId: 'm', user: 'u', password: 'p' }),
  wire.connectPacket({ will: { topic: 'alec/n-1/lwt', payload: Buffer.from('gone') } }),
  wire.connectPacket({ level: 5 }),
  wire.publishPacket('alec/n-1/frame', Buffer.of(0xa1, 0, 0, 0, 0, 3, 0x41, 0xa8, 0, 0)),
  wire.publishPacket('alec/n-1/frame', Buffer.of(0xa1, 0), { qos: 1, id: 2 }),
  wire.publishPacket('alec/n-1/frame', Buffer.of(0xa1, 0), { qos: 2, id: 3, retain: true }),
  wire.publishPacket('up/n-2', '{"a":{"b":"oQAAAAADQagAAA=="}}', { qos: 1, id: 4 }),
  wire.subscribePacket('alec/+/readings', 2, 5),
  wire.subscribePacket('#', 1, 6),
  wire.unsubscribePacket('alec/+/readings', 7),
  wire.pubrelPacket(3),
  wire.pubackPacket(2),
  wire.PINGREQ,
  wire.DISCONNECT,
]

/** A packet with a few slips of a hand in it; now and then none. */
export function mutant(random: () => number): Buffer {
  const below = (count: number) => Math.floor(random() * count)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  let bytes = Buffer.from(pick(originals))
  for (let edits = below(4); edits > 0 && bytes.length > 0; edits--) {
    const at = below(bytes.length)
    switch (below(7)) {
      case 0:
        bytes[at] = below(256)
        break
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        break
      case 2:
        bytes = bytes.subarray(0, at)
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(below(256)), bytes.subarray(at)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))])
        break
      case 5:
        bytes = Buffer.concat([bytes, pick(originals)])
        break
      default:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          wire.prefixed(pick(naughtyTexts)),
          bytes.subarray(at),
        ])
    }
  }
  return bytes
}

/** Connections at a time: what is left of one is drowned by the next. */
const ABREAST = 8
/** How long an answer is waited for. */
const PATIENCE_MS = 20
/** Packets to one connection at most: it mostly ends before. */
const PER_CONNECTION = 20

/**
 * Sends mutated packets, half of them behind a right CONNECT, as fast as it gets answers, while more of them are wanted, and over
 * no more new connections a second than `perSecond`. Returns how many connections it took.
 */
export async function mutationFlood(
  { port }: Target,
  wanted: (sent: number) => boolean,
  random: () => number,
  perSecond?: number,
): Promise<number> {
  const turns = new Turns(perSecond)
  let sent = 0
  let connections = 0
  const hand = async () => {
    while (wanted(sent)) {
      await turns.next()
      const client = await RawClient.open(port).catch(() => undefined)
      if (!client) continue
      connections++
      if (random() < 0.7) await client.send(wire.connectPacket({ clientId: `m-${connections}` }))
      for (let n = 0; n < PER_CONNECTION && wanted(sent) && client.isOpen; n++) {
        sent++
        // The answer, or the end of the connection, says that it was read; what is taken for part of a longer
        // packet has neither.
        const answer = client.answered(PATIENCE_MS)
        await client.send(Buffer.concat([mutant(random), wire.PINGREQ]))
        if (!(await answer)) break
      }
      client.close()
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, hand))
  return connections
}
