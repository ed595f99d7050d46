import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { type BrokerAccess, brokerDoor } from '../../src/transport/broker-client.js'
import type { ConnectionEnd, OutgoingMessage } from '../../src/transport/broker-port.js'
import { EmbeddedBroker } from '../../src/transport/embedded-broker.js'
import { ProtocolChoice } from '../../src/transport/protocol-choice.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Observer } from './observer.js'

const URL = 'mqtt://b'
const end = (code: string): ConnectionEnd => ({ code, reason: '' })

describe('the version of MQTT', () => {
  it('is what was asked for, whatever the broker says', () => {
    for (const [wanted, level] of [
      ['5', 5],
      ['3.1.1', 4],
    ] as const) {
      const choice = new ProtocolChoice(wanted)
      choice.notAccepted(URL, end('connack-1'))
      expect(choice.levelFor(URL)).toBe(level)
    }
  })

  it.each(['connack-1', 'connack-132', 'protocol-error'])(
    'is 5 until that is refused: %s',
    (code) => {
      const choice = new ProtocolChoice('auto')
      expect(choice.levelFor(URL)).toBe(5)
      choice.notAccepted(URL, end(code))
      expect(choice.levelFor(URL)).toBe(4)
      expect(choice.levelFor('mqtt://other')).toBe(5)
    },
  )

  it('is 3.1.1 where the connection is closed twice without an answer', () => {
    const choice = new ProtocolChoice('auto')
    choice.notAccepted(URL, end('closed'))
    expect(choice.levelFor(URL)).toBe(5)
    choice.notAccepted(URL, end('ECONNRESET'))
    expect(choice.levelFor(URL)).toBe(4)
  })

  it('stays 5 where nobody is there, or the password is wrong', () => {
    const choice = new ProtocolChoice('auto')
    for (const code of ['ECONNREFUSED', 'connack-134', 'timeout', 'ENOTFOUND', 'ECONNREFUSED'])
      choice.notAccepted(URL, end(code))
    choice.notAccepted(URL, end('closed'))
    choice.accepted(URL)
    expect(choice.levelFor(URL)).toBe(5)
  })

  it('stays 5 where it was accepted before, however often a proxy closes while the broker is down', () => {
    const choice = new ProtocolChoice('auto')
    choice.accepted(URL)
    for (let n = 0; n < 10; n++) choice.notAccepted(URL, end('closed'))
    expect(choice.levelFor(URL)).toBe(5)
    // But an answer is an answer: it may be another broker by now.
    choice.notAccepted(URL, end('connack-132'))
    expect(choice.levelFor(URL)).toBe(4)
    choice.accepted(URL)
    expect(choice.levelFor(URL)).toBe(4)
  })
})

/** Connects until the broker accepts, publishes one message, and resolves with how many connections that took. */
async function publishOnce(access: BrokerAccess, message: OutgoingMessage): Promise<number> {
  const door = brokerDoor(access, { clientId: 'bridge-out', clean: true }, systemClock)
  for (let attempt = 1; attempt < 5; attempt++) {
    const sent = await new Promise<boolean>((resolve) => {
      const connection = door.open({
        onConnected: () =>
          connection.publish(message, () => {
            connection.close()
            resolve(true)
          }),
        onMessage: () => {},
        onClosed: () => resolve(false),
      })
    })
    if (sent) return attempt
  }
  throw new Error('never accepted')
}

const reading = {
  topic: 'alec/a/readings',
  payload: '21.4',
  qos: 1,
  retain: false,
  key: 'gw-1/a/1/17',
  expirySeconds: 180,
} as const

describe('spoken to real brokers', () => {
  it.skipIf(withoutMosquitto())(
    '5 carries key and expiry, 3.1.1 the same message without them',
    async () => {
      const broker = await Mosquitto.start()
      onTestFinished(() => broker.stop())
      const observer = await Observer.connect(broker.url, { protocolVersion: 5 })
      onTestFinished(() => observer.close())
      const properties: object[] = []
      observer.client.on('message', (_topic, _payload, packet) =>
        properties.push(
          { ...packet.properties?.userProperties },
          {
            expiry: packet.properties?.messageExpiryInterval,
          },
        ),
      )
      await observer.client.subscribeAsync('alec/#', { qos: 1 })
      const urls = [broker.url]
      expect(await publishOnce({ urls, protocol: 'auto' }, reading)).toBe(1)
      expect(await publishOnce({ urls, protocol: '3.1.1' }, reading)).toBe(1)
      await observer.until((seen) => seen.length === 2)
      expect(properties).toEqual([
        { key: 'gw-1/a/1/17' },
        { expiry: 180 },
        {},
        { expiry: undefined },
      ])
    },
  )

  it('falls back to 3.1.1 where the broker knows no 5, as the embedded one', async () => {
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
    await broker.start()
    onTestFinished(() => broker.stop())
    const attempts = await publishOnce({ urls: [broker.address!], protocol: 'auto' }, reading)
    expect(attempts).toBeGreaterThan(1)
    expect(attempts).toBeLessThanOrEqual(3)
  })
})
