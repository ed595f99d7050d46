import fc from 'fast-check'
import type { MqttClient } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { brokerDoor } from '../../src/transport/broker-client.js'
import type { IncomingMessage } from '../../src/transport/broker-port.js'
import { type AckLimits, defaultAckLimits, HeldAcks } from '../../src/transport/held-acks.js'
import { ManualClock } from '../support/manual-clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Observer } from './observer.js'

function acksOn(limits?: AckLimits) {
  const sent: object[] = []
  const client = {
    _sendPacket: (packet: object, done?: () => void) => {
      sent.push(packet)
      done?.()
    },
    handleMessage: (_packet: unknown, next: () => void) => next(),
  }
  const clock = new ManualClock()
  const stuck = { times: 0 }
  const acks = new HeldAcks(client as unknown as MqttClient, {
    clock,
    acknowledge: (messageId) => sent.push({ cmd: 'puback', messageId }),
    onStuck: () => stuck.times++,
    limits: limits ?? defaultAckLimits,
  })
  const ids = () => sent.map((packet) => (packet as { messageId: number }).messageId)
  return { acks, client, sent, ids, clock, stuck }
}

describe('acknowledgements', () => {
  it('leave at once where nobody holds them, and only ours', () => {
    const { acks, client, sent } = acksOn()
    let told = 0
    acks.delivered(acks.open(7))
    client._sendPacket({ cmd: 'puback', messageId: 7 }, () => told++)
    client._sendPacket({ cmd: 'pingreq' })
    expect(sent).toEqual([{ cmd: 'puback', messageId: 7 }, { cmd: 'pingreq' }])
    expect(told).toBe(1)
  })

  it('wait for everybody who holds them, and for those before them', () => {
    const { acks, ids } = acksOn()
    const [first, second] = [acks.open(1), acks.open(2)]
    const [release, other] = [acks.hold(first), acks.hold(first)]
    acks.delivered(first)
    acks.delivered(second)
    release()
    release()
    expect(ids()).toEqual([])
    other()
    expect(ids()).toEqual([1, 2])
  })

  it('leave in the order of the messages, however they are released', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 20 }, (_, i) => i)), (order) => {
        const { acks, ids } = acksOn()
        const releases = Array.from({ length: 20 }, (_, id) => {
          const ack = acks.open(id)
          const release = acks.hold(ack)
          acks.delivered(ack)
          return release
        })
        for (const index of order) releases[index]?.()
        const left = Array.from({ length: 20 }, (_, id) => id).findIndex(
          (id) => !order.includes(id),
        )
        expect(ids()).toEqual(Array.from({ length: left < 0 ? 20 : left }, (_, id) => id))
      }),
    )
  })

  it('stop the reading where too many are held, until few are', () => {
    const { acks, client, clock, stuck } = acksOn({ most: 3, few: 1, patienceMs: 100 })
    const releases = [1, 2, 3].map((id) => {
      const ack = acks.open(id)
      const release = acks.hold(ack)
      acks.delivered(ack)
      return release
    })
    let read = 0
    client.handleMessage({}, () => read++)
    expect(read).toBe(0)
    releases[0]?.()
    expect(read).toBe(0)
    releases[1]?.()
    expect(read).toBe(1)
    clock.advance(1000)
    expect(stuck.times).toBe(0)
  })

  it('say so where they are held for too long', () => {
    const { acks, client, clock, stuck } = acksOn({ most: 1, few: 0, patienceMs: 100 })
    const ack = acks.open(1)
    acks.hold(ack)
    acks.delivered(ack)
    client.handleMessage({}, () => {})
    clock.advance(100)
    expect(stuck.times).toBe(1)
  })

  it('are void once the connection is closed', () => {
    const { acks, ids } = acksOn()
    const ack = acks.open(1)
    const release = acks.hold(ack)
    acks.delivered(ack)
    acks.forget()
    release()
    expect(ids()).toEqual([])
  })
})

describe.skipIf(withoutMosquitto())('with a real Mosquitto', () => {
  it('F-27: a message that was not acknowledged comes again at the next connection, one that was does not', async () => {
    const broker = await Mosquitto.start()
    const sender = await Observer.connect(broker.url)
    try {
      const door = brokerDoor(
        { urls: [broker.url] },
        { clientId: 'bridge-in', clean: false },
        systemClock,
      )
      /** Connects, takes so many messages, holds those whose payload is to be held, and goes without a word. */
      const session = (count: number, holds: string) =>
        new Promise<string[]>((resolve) => {
          const seen: string[] = []
          const onMessage = ({ payload, hold }: IncomingMessage) => {
            seen.push(Buffer.from(payload).toString())
            if (seen.at(-1) === holds) hold?.()
            if (seen.length === count) setImmediate(() => connection.abort())
          }
          const connection = door.open({
            onConnected: () =>
              connection.subscribe('in/#', 1, () => {
                for (let n = 0; n < count && holds !== ''; n++)
                  sender.client.publish('in/x', String(n), { qos: 1 })
              }),
            onMessage,
            onClosed: () => resolve(seen),
          })
        })
      expect(await session(3, '1')).toEqual(['0', '1', '2'])
      // Behind the one that is held, none is acknowledged either.
      expect(await session(2, '')).toEqual(['1', '2'])
    } finally {
      await sender.close()
      await broker.stop()
    }
  })
})
