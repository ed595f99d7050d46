import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import { bridgeOnScriptedDoor } from './bridge-on-scripted-door.js'

const LIST = /^alec\/bridge\/devices(\/\d+)?$/

/** A bridge that takes in whoever sends, and what it publishes as the list of its devices. */
async function openHouse() {
  const accept = { unknown_devices: 'accept', default_model: 'node' }
  const { bridge, input, output, clock, connect } = await bridgeOnScriptedDoor(
    ['first'],
    {},
    accept,
  )
  await connect()
  let seen = output.last.published.length
  return {
    bridge,
    clock,
    input,
    output,
    /** A frame each of so many devices that nobody has heard of. */
    newcomers: (from: number, count: number) => {
      for (let n = from; n < from + count; n++) {
        const payload = new CompactEncoder({ channels: 2 }).encode([21, 50])
        input.last.receives({ topic: `alec/new-${n}/frame`, payload })
      }
    },
    /** Messages of the list since this was asked last. */
    listed: () => {
      const news = output.last.published.slice(seen)
      seen = output.last.published.length
      return news.filter(({ topic }) => LIST.test(topic))
    },
  }
}

describe('the list of devices, while devices are taken in that nobody configured', () => {
  it('is published once for all that came since the last sweep', async () => {
    const { bridge, clock, newcomers, listed } = await openHouse()
    newcomers(0, 200)
    expect(bridge.fleet.size).toBe(201)
    expect(listed()).toEqual([])
    clock.advance(1000)
    const said = listed()
    expect(said.map(({ topic, retain }) => [topic, retain])).toEqual([
      ['alec/bridge/devices', true],
    ])
    const devices: { readonly id: string; readonly origin: string }[] = JSON.parse(
      String(said[0]?.payload),
    )
    expect(devices.map(({ id }) => id)).toEqual([
      'first',
      ...Array.from({ length: 200 }, (_, n) => `new-${n}`),
    ])
    expect(devices.at(-1)?.origin).toBe('accepted')
    clock.advance(10_000)
    expect(listed()).toEqual([])
    newcomers(200, 1)
    clock.advance(1000)
    expect(listed()).toHaveLength(1)
  })

  it('takes no more than a message a second, however long it is and however many come', async () => {
    const { clock, newcomers, listed } = await openHouse()
    newcomers(0, 2000)
    clock.advance(1000)
    const chunks = listed().length
    expect(chunks).toBeGreaterThan(3)
    const seconds = 10 * chunks
    const said: string[] = []
    for (let second = 0; second < seconds; second++) {
      newcomers(2000 + second, 1)
      clock.advance(1000)
      said.push(...listed().map(({ payload }) => String(payload)))
    }
    expect(said.length).toBeGreaterThanOrEqual(seconds - 2 * chunks)
    expect(said.length).toBeLessThanOrEqual(seconds + chunks)
    // And nobody is left out in the end.
    for (let second = 0; second < 2 * chunks; second++) clock.advance(1000)
    said.push(...listed().map(({ payload }) => String(payload)))
    expect(said.join()).toContain(`"new-${2000 + seconds - 1}"`)
  })

  it('is said before the end, where that comes first', async () => {
    const { bridge, clock, input, output, newcomers, listed } = await openHouse()
    newcomers(0, 1)
    const stopping = bridge.stop()
    input.last.isClosed()
    for (let second = 0; second < 10; second++) {
      await new Promise(setImmediate)
      clock.advance(1000)
    }
    output.last.isClosed()
    await stopping
    expect(String(listed()[0]?.payload)).toContain('"new-0"')
  })
})
