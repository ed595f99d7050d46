import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { brokerDoor } from '../../src/transport/broker-client.js'
import type { BrokerConnection } from '../../src/transport/broker-port.js'
import { EmbeddedBroker } from '../../src/transport/embedded-broker.js'

it('a small message does not wait for the system to acknowledge the one before it', async () => {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
  await broker.start()
  onTestFinished(() => broker.stop())
  const access = { urls: [broker.address ?? ''], protocol: '3.1.1' as const }
  const door = brokerDoor(access, { clientId: 'c', clean: true }, systemClock)
  const times: number[] = []
  let heard = () => {}
  const connection = await new Promise<BrokerConnection>((resolve) => {
    const opened = door.open({
      onConnected: () => opened.subscribe('echo', 1, () => resolve(opened)),
      onMessage: () => heard(),
      onClosed: () => {},
    })
  })
  onTestFinished(() => connection.close())
  for (let n = 0; n < 40; n++) {
    const begin = performance.now()
    const back = new Promise<void>((resolve) => {
      heard = resolve
    })
    connection.publish({ topic: 'echo', payload: 'x', qos: 1, retain: false }, () => {})
    await back
    times.push(performance.now() - begin)
    // Its own acknowledgement is on its way when the next one is published.
    await new Promise((resolve) => setImmediate(resolve))
  }
  times.sort((a, b) => a - b)
  // Half of them took 40 ms.
  expect(times[20]).toBeLessThan(20)
})
