import { describe, expect, it } from 'vitest'
import { bridgeTopics, type DeviceInfo, deviceListPublications } from '../../src/outputs/index.js'

const topics = bridgeTopics('alec')
const RETAINED = { qos: 1, retain: true, whileAway: 'latest' }
const LIMIT = 65_536
const channels = [{ name: 'humidity', unit: '%' }]

const fleet = (size: number): DeviceInfo[] =>
  Array.from({ length: size }, (_, n) => ({ id: `d-${n}`, model: 'm', origin: 'file', channels }))

describe('the list of devices', () => {
  it('says what each device is and measures, in one message', () => {
    const devices = [
      { id: 'greenhouse-1', name: 'Greenhouse 1', model: 'climate', origin: 'file', channels },
      { id: 'shed-1', model: 'climate', origin: 'request', channels: [] },
    ] as const
    expect(deviceListPublications(topics, devices, 0)).toEqual([
      {
        topic: 'alec/bridge/devices',
        ...RETAINED,
        payload:
          '[{"id":"greenhouse-1","name":"Greenhouse 1","model":"climate","origin":"file","channels":[{"name":"humidity","unit":"%"}]},' +
          '{"id":"shed-1","model":"climate","origin":"request","channels":[]}]',
      },
    ])
    expect(deviceListPublications(topics, [], 0)).toMatchObject([{ payload: '[]' }])
  })

  it.each([800, 10_000])(
    'of %i devices has each once, in order, in chunks of at most 64 KiB',
    (size) => {
      const publications = deviceListPublications(topics, fleet(size), 0)
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
    const said = deviceListPublications(topics, fleet(1), 3)
    expect(said.map(({ topic, payload }) => [topic, payload === ''])).toEqual([
      ['alec/bridge/devices', false],
      ['alec/bridge/devices/2', true],
      ['alec/bridge/devices/3', true],
    ])
  })
})
