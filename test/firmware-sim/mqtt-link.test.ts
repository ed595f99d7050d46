import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MqttLink } from '../../firmware-sim/index.js'
import { systemClock } from '../../src/clock.js'
import { EmbeddedBroker } from '../../src/transport/index.js'
import { freePort } from '../support/free-port.js'
import { toHex } from '../support/vectors.js'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function brokerOn(port: number): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port, clock: systemClock })
  await broker.start()
  undo.push(() => broker.stop())
  return broker
}

/** A bridge's side: hears all frames, sends commands. */
async function bridgeOn(broker: EmbeddedBroker) {
  const client: MqttClient = await connectAsync(broker.address!)
  undo.push(() => client.endAsync(true))
  const frames: string[] = []
  client.on('message', (topic, payload) => frames.push(`${topic} ${toHex(payload)}`))
  await client.subscribeAsync('farm/+/frame', { qos: 1 })
  return { client, frames }
}

async function linkTo(url: string) {
  const downlinks: string[] = []
  const devices = ['shed-1', 'shed-2']
  const link = new MqttLink({ id: 'radio', url, baseTopic: 'farm', qos: 1, devices })
  await link.start((device, bytes) => downlinks.push(`${device} ${toHex(bytes)}`))
  undo.push(() => link.stop())
  return { link, downlinks }
}

const connected = (link: MqttLink) => vi.waitUntil(() => link.trouble === undefined, 10_000)

describe('MqttLink', () => {
  it('publishes frames and hands downlinks to the device that they are for', async () => {
    const broker = await brokerOn(0)
    const { client, frames } = await bridgeOn(broker)
    const { link, downlinks } = await linkTo(broker.address!)
    await link.ready
    link.send('shed-1', Uint8Array.of(0xa1, 0, 255))
    link.send('shed-2', Uint8Array.of(0xa2))
    await vi.waitUntil(() => frames.length === 2)
    expect(frames).toEqual(['farm/shed-1/frame a100ff', 'farm/shed-2/frame a2'])
    await client.publishAsync('farm/shed-2/command', Buffer.from([0xff]), { qos: 1 })
    await vi.waitUntil(() => downlinks.length > 0)
    expect(downlinks).toEqual(['shed-2 ff'])
    await client.publishAsync('farm/other/command', Buffer.from([0xff]), { qos: 1 })
    await vi.waitUntil(() => link.counters.strayDownlinks === 1)
  })

  it('drops frames while the broker is away, says why, and is back by itself', async () => {
    const port = await freePort()
    const { link } = await linkTo(`mqtt://user:secret@127.0.0.1:${port}`)
    await vi.waitUntil(() => /ECONNREFUSED/.test(link.trouble ?? ''), 10_000)
    expect(link.address).toBe(`mqtt://127.0.0.1:${port}`)
    link.send('shed-1', Uint8Array.of(1))
    expect(link.counters).toMatchObject({ framesSent: 0, unsent: 1 })
    for (const byte of [2, 3]) {
      const broker = await brokerOn(port)
      const { frames } = await bridgeOn(broker)
      await connected(link)
      link.send('shed-1', Uint8Array.of(byte))
      await vi.waitUntil(() => frames.length === 1)
      expect(frames).toEqual([`farm/shed-1/frame 0${byte}`])
      await broker.stop()
      await vi.waitUntil(() => link.trouble !== undefined)
    }
    expect(link.counters.framesSent).toBe(2)
  })

  it('ignores commands that the broker has kept', async () => {
    const broker = await brokerOn(0)
    const { client } = await bridgeOn(broker)
    await client.publishAsync('farm/shed-1/command', Buffer.from([0x11]), { qos: 1, retain: true })
    const { link, downlinks } = await linkTo(broker.address!)
    await link.ready
    await client.publishAsync('farm/shed-1/command', Buffer.from([0xff]), { qos: 1 })
    await vi.waitUntil(() => downlinks.length > 0)
    expect(downlinks).toEqual(['shed-1 ff'])
  })

  it('stops at once, connected or not, and may be stopped twice', async () => {
    const broker = await brokerOn(0)
    const { link } = await linkTo(broker.address!)
    await connected(link)
    await link.stop()
    await link.stop()
    expect(link.address).toBeUndefined()
    const away = await linkTo(`mqtt://127.0.0.1:${await freePort()}`)
    await away.link.stop()
    await away.link.ready
    await link.start(() => {})
    await connected(link)
    await link.stop()
  })
})
