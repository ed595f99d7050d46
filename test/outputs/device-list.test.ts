import { describe, expect, it } from 'vitest'
import { bridgeTopics, type DeviceInfo, deviceList } from '../../src/outputs/index.js'

const topics = bridgeTopics('alec')
const RETAINED = { qos: 1, retain: true, whileAway: 'latest' }
const LIMIT = 65_536
const channels = [{ name: 'humidity', unit: '%' }]

const fleet = (size: number): DeviceInfo[] =>
  Array.from({ length: size }, (_, n) => ({ id: `d-${n}`, model: 'm', origin: 'file', channels }))

/** All messages of the list. */
const listOf = (devices: readonly DeviceInfo[], before: number) => {
  const { chunks, publications } = deviceList(topics, () => devices, before)
  const messages = [...publications]
  expect(messages.filter(({ payload }) => payload !== '')).toHaveLength(chunks)
  return messages
}

describe('the list of devices', () => {
  it('says what each device is and measures, in one message', () => {
    const devices = [
      { id: 'greenhouse-1', name: 'Greenhouse 1', model: 'climate', origin: 'file', channels },
      { id: 'shed-1', model: 'climate', origin: 'request', channels: [] },
    ] as const
    expect(listOf(devices, 0)).toEqual([
      {
        topic: 'alec/bridge/devices',
        ...RETAINED,
        payload:
          '[{"id":"greenhouse-1","name":"Greenhouse 1","model":"climate","origin":"file","channels":[{"name":"humidity","unit":"%"}]},' +
          '{"id":"shed-1","model":"climate","origin":"request","channels":[]}]',
      },
    ])
    expect(listOf([], 0)).toMatchObject([{ payload: '[]' }])
  })

  it.each([800, 10_000])(
    'of %i devices has each once, in order, in chunks of at most 64 KiB',
    (size) => {
      const publications = listOf(fleet(size), 0)
      expect(publications.length).toBeGreaterThan(1)
      const found = publications.flatMap(({ topic, payload, ...rest }, index) => {
        expect(topic).toBe(`alec/bridge/devices${index === 0 ? '' : `/${index + 1}`}`)
        expect(rest).toEqual(RETAINED)
        expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(LIMIT)
        const { chunk, of, devices } = JSON.parse(String(payload))
        expect([chunk, of]).toEqual([index + 1, publications.length])
        return devices
      })
      expect(found).toEqual(fleet(size))
    },
  )

  it('clears the chunks that an earlier, longer one left', () => {
    const said = listOf(fleet(1), 3)
    expect(said.map(({ topic, payload }) => [topic, payload === ''])).toEqual([
      ['alec/bridge/devices', false],
      ['alec/bridge/devices/2', true],
      ['alec/bridge/devices/3', true],
    ])
  })

  it('that is said while devices come and go has as many messages as it says, and is within its limit', () => {
    for (const [first, then] of [
      [2000, 10_000],
      [10_000, 2000],
      [800, 0],
    ]) {
      let walks = 0
      const devices = () => fleet((walks++ === 0 ? first : then) ?? 0)
      const list = deviceList(topics, devices, 0)
      const messages = Array.from(list.publications, ({ payload }) => String(payload))
      expect(messages).toHaveLength(list.chunks)
      for (const [n, message] of messages.entries()) {
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(LIMIT)
        expect(JSON.parse(message)).toMatchObject({ chunk: n + 1, of: list.chunks })
      }
    }
  })
})
