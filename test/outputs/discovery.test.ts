import { describe, expect, it } from 'vitest'
import { quantities } from '../../src/config/quantities.js'
import type { ChannelSpec } from '../../src/device/index.js'
import type { DiscoveryComponent } from '../../src/outputs/discovery/component.js'
import {
  type AnnouncedDevice,
  bridgeAnnouncement,
  bridgeConfig,
  deviceAnnouncement,
  deviceConfig,
} from '../../src/outputs/discovery/device-config.js'
import { readKeptConfig } from '../../src/outputs/discovery/kept-config.js'
import { classedQuantities, sensorClass } from '../../src/outputs/discovery/sensor-classes.js'
import { type DiscoverySite, deviceOfTopic } from '../../src/outputs/discovery/site.js'
import { bridgeTopics, ReadingsWriter, statusDocument } from '../../src/outputs/index.js'
import { render } from '../support/jinja.js'
import { bad, context, good, recovering, topics, uncertain, verdictOf } from './examples.js'
import { brokenRules, SENSOR_CLASSES } from './home-assistant-rules.js'

const site: DiscoverySite = {
  prefix: 'homeassistant',
  baseTopic: 'alec',
  bridge: 'gw-1',
  version: '1.2.3',
  uncertain: 'mark',
}

const device = (rest: Partial<AnnouncedDevice> = {}): AnnouncedDevice => ({
  id: 'greenhouse-1',
  name: 'Greenhouse 1',
  model: 'climate',
  frames: 'compact',
  channels: [
    { name: 'temperature', quantity: 'temperature', unit: '°C', resolution: '0.1' },
    { name: 'humidity', quantity: 'relative_humidity', unit: '%', resolution: '1' },
  ],
  expireAfter: 180,
  seen: true,
  peers: false,
  ...rest,
})

const ruleFaults = (of: AnnouncedDevice, at: DiscoverySite = site): string[] => {
  const { topic, publication } = deviceAnnouncement(at, of)
  return brokenRules(topic, String(publication().payload))
}

const sensorOf = (channel: ChannelSpec, rest: Partial<AnnouncedDevice> = {}, at = site) =>
  component(deviceConfig(at, device({ channels: [channel], ...rest })).components, channel.name)

function component(
  components: Readonly<Record<string, DiscoveryComponent>>,
  channel: string,
): DiscoveryComponent {
  const found = components[`readings_${channel}`]
  if (!found) throw new Error(`no ${channel}`)
  return found
}

/** Every unit that any class knows, none at all, and one that is unknown. */
const UNITS = [
  ...new Set(Object.values(SENSOR_CLASSES).flatMap(({ units }) => units)),
  'furlongs',
].filter((unit) => unit !== '')

describe('a device is announced', () => {
  it('on its own topic, retained, with all that is wanted of it', () => {
    const { topic, publication } = deviceAnnouncement(site, device())
    const { payload, ...message } = publication()
    expect(message).toEqual({
      topic: 'homeassistant/device/alec_greenhouse-1/config',
      qos: 1,
      retain: true,
      whileAway: 'latest',
    })
    expect(topic).toBe(message.topic)
    expect(JSON.parse(String(payload))).toMatchObject({
      device: {
        identifiers: ['alec/greenhouse-1'],
        name: 'Greenhouse 1',
        model: 'climate',
        via_device: 'alec-bridge/gw-1',
      },
      origin: { name: 'alec-bridge', sw_version: '1.2.3' },
      availability: [{ topic: 'alec/greenhouse-1/availability' }, { topic: 'alec/bridge/state' }],
      availability_mode: 'all',
      state_topic: 'alec/greenhouse-1/readings',
      components: {
        readings_temperature: {
          platform: 'sensor',
          unique_id: 'alec/greenhouse-1/readings/temperature',
          default_entity_id: 'sensor.greenhouse_1_temperature',
          name: 'Temperature',
          device_class: 'temperature',
          unit_of_measurement: '°C',
          state_class: 'measurement',
          suggested_display_precision: 1,
          expire_after: 180,
        },
        readings_humidity: { device_class: 'humidity', suggested_display_precision: 0 },
        status_health: { state_topic: 'alec/greenhouse-1/status/health' },
        status_circuit: { state_topic: 'alec/greenhouse-1/status/circuit' },
        status_sync: { state_topic: 'alec/greenhouse-1/status' },
        status_loss: { unit_of_measurement: '%' },
        status_last_seen: { device_class: 'timestamp' },
      },
    })
  })

  it('under a name of its own that no other device or channel can have', () => {
    const ids = [
      device({ id: 'a', channels: [{ name: 'b_c' }] }),
      device({ id: 'a_b', channels: [{ name: 'c' }] }),
    ].map((one) => component(deviceConfig(site, one).components, one.id === 'a' ? 'b_c' : 'c'))
    expect(new Set(ids.map(({ unique_id }) => unique_id)).size).toBe(2)
  })

  it('with a channel called like something of its status', () => {
    expect(ruleFaults(device({ channels: [{ name: 'sync' }, { name: 'status' }] }))).toEqual([
      // Home Assistant gives the second one a number then.
      'status_sync: sensor.greenhouse_1_sync is that of readings_sync',
    ])
  })

  it.each([
    ['alec', 'homeassistant/device/alec_x/config'],
    ['site/alec', 'homeassistant/device/site_alec_x/config'],
    ['_ö', 'homeassistant/device/alec_x/config'],
    ['x'.repeat(117), `homeassistant/device/${'x'.repeat(48)}_x/config`],
  ])('below the base topic %s', (baseTopic, topic) => {
    const at = { ...site, baseTopic }
    expect(deviceAnnouncement(at, device({ id: 'x' })).topic).toBe(topic)
    expect(ruleFaults(device({ id: 'x' }), at)).toEqual([])
    expect(deviceOfTopic(at, topic)).toBe('x')
  })

  it.each(['compact', 'standard'] as const)('as %s frames are, uncertain or not', (frames) => {
    for (const uncertain of ['mark', 'withhold'] as const)
      expect(ruleFaults(device({ frames }), { ...site, uncertain })).toEqual([])
  })

  it('also where it was never heard, without the time that there is not', () => {
    const never = device({ seen: false })
    expect(ruleFaults(never)).toEqual([])
    expect(deviceConfig(site, never).components).not.toHaveProperty('status_last_seen')
  })

  it('with whether it has left its peers, where it is held against them', () => {
    const one = device({ peers: true })
    expect(ruleFaults(one)).toEqual([])
    const { status_left_peers } = deviceConfig(site, one).components
    const shown = (status: object) => {
      const { value_template = '', json_attributes_template = '' } = status_left_peers ?? {}
      const text = JSON.stringify(status)
      return [render(value_template, text), render(json_attributes_template, text)]
    }
    const left = statusDocument({ ...recovering, leftPeers: ['temperature'] }, context)
    expect(shown(left)).toEqual(['ON', '{"channels":["temperature"]}'])
    expect(shown(statusDocument(recovering, context))).toEqual(['OFF', '{"channels":null}'])
    expect(deviceConfig(site, device()).components).not.toHaveProperty('status_left_peers')
  })

  it('with the longest ids that there can be', () => {
    const id = `a${'-'.repeat(63)}`
    expect(ruleFaults(device({ id, channels: [{ name: id }] }))).toEqual([])
  })
})

describe('every quantity and every unit', () => {
  it('of those that the configuration knows has a class', () => {
    expect(quantities.filter((quantity) => !classedQuantities.includes(quantity))).toEqual([])
  })

  it.each([...new Set([...quantities, ...classedQuantities, 'nonsense'])])(
    '%s obeys the rules, in whatever unit',
    (quantity) => {
      const channels = [undefined, ...UNITS].map((unit, index) => ({
        name: `c${index}`,
        quantity,
        ...(unit !== undefined && { unit }),
      }))
      expect(ruleFaults(device({ channels }))).toEqual([])
      const { components } = deviceConfig(site, device({ channels }))
      const classes = channels.map(({ name }) => component(components, name))
      for (const { device_class, unit_of_measurement } of classes) {
        if (device_class === undefined) continue
        expect(SENSOR_CLASSES[device_class]?.units).toContain(unit_of_measurement ?? '')
      }
      const withClass = classes.filter(({ device_class }) => device_class !== undefined)
      expect(withClass.length > 0).toBe(classedQuantities.includes(quantity))
    },
  )

  it.each([
    ['temperature', '°C', 'temperature'],
    ['temperature', '°F', 'temperature'],
    ['temperature', '°R', undefined],
    ['temperature', undefined, undefined],
    ['relative_humidity', '%', 'humidity'],
    ['battery_voltage', 'mV', 'voltage'],
    ['ph', undefined, 'ph'],
    ['ph', 'pH', undefined],
    ['wind_direction', '°', 'wind_direction'],
    ['constructor', '%', undefined],
    [undefined, '°C', undefined],
  ])('%s in %s is %s: nothing is converted, and no unit guessed', (quantity, unit, expected) => {
    expect(sensorClass(quantity, unit).deviceClass).toBe(expected)
    const channel = { name: 'c', ...(quantity && { quantity }), ...(unit && { unit }) }
    expect(sensorOf(channel).unit_of_measurement).toBe(unit)
  })

  it('is a number to Home Assistant, whatever it is', () => {
    expect(sensorOf({ name: 'c' })).toMatchObject({ state_class: 'measurement' })
    expect(sensorOf({ name: 'c', quantity: 'energy', unit: 'kWh' })).toMatchObject({
      state_class: 'total_increasing',
    })
  })

  it.each([
    ['0.1', 1],
    ['0.05', 2],
    ['1', 0],
    ['0.50', 1],
    ['25', 0],
    ['1e-3', undefined],
    [undefined, undefined],
  ])('with the resolution %s is shown with %s decimals', (resolution, decimals) => {
    const channel = { name: 'c', ...(resolution !== undefined && { resolution }) }
    expect(sensorOf(channel).suggested_display_precision).toBe(decimals)
  })
})

/** What a sensor of Home Assistant makes of a message, after the state before: it expects a number here. */
function stateAfter(before: string, { value_template }: DiscoveryComponent, payload: string) {
  const rendered = render(value_template ?? '', payload)
  if (rendered === '') return before
  if (rendered === 'None') return 'unknown'
  expect(Number.isFinite(Number(rendered)), rendered).toBe(true)
  return rendered
}

const written = (
  channels: Parameters<typeof verdictOf>[0],
  uncertain: 'mark' | 'withhold' = 'mark',
): string => {
  const options = { qos: 1, retain: false, perChannel: false, uncertain } as const
  const [publication] = new ReadingsWriter(topics, options, 'k').publications(verdictOf(channels))
  return String(publication?.payload)
}

describe('the state of a channel', () => {
  const channel = { name: 'temperature' }

  it.each([
    ['a good value', [good('temperature', 21.4)], '21.4'],
    ['zero', [good('temperature', 0)], '0'],
    ['a very small value', [good('temperature', 1e-7)], '1e-7'],
    ['an uncertain value', [uncertain('temperature', 21.7, 0.35)], 'unknown'],
    ['an unbounded value', [uncertain('temperature', 21.7, Number.POSITIVE_INFINITY)], 'unknown'],
    ['no number at all', [bad('temperature', Number.NaN)], 'unknown'],
    [
      'a good value beside an uncertain one',
      [good('temperature', 21.4), uncertain('humidity', 1, 1)],
      '21.4',
    ],
    [
      'an uncertain value beside a good one',
      [uncertain('temperature', 1, 1), good('humidity', 48)],
      'unknown',
    ],
  ])('is after %s', (_fact, channels, state) => {
    for (const how of ['mark', 'withhold'] as const) {
      for (const frames of ['compact', 'standard'] as const) {
        const sensor = sensorOf(channel, { frames }, { ...site, uncertain: how })
        expect(stateAfter('9', sensor, written(channels, how))).toBe(state)
      }
    }
  })

  it('stays as it was after a frame that is not about it', () => {
    const other = written([good('humidity', 48)])
    for (const how of ['mark', 'withhold'] as const) {
      const sensor = sensorOf(channel, { frames: 'standard' }, { ...site, uncertain: how })
      expect(stateAfter('9', sensor, other)).toBe('9')
    }
    const doubtful = written([uncertain('humidity', 48, 2)])
    expect(stateAfter('9', sensorOf(channel, { frames: 'standard' }), doubtful)).toBe('9')
  })

  it('is unknown where a value may have been withheld', () => {
    const sensor = sensorOf(channel, { frames: 'standard' }, { ...site, uncertain: 'withhold' })
    expect(stateAfter('9', sensor, written([uncertain('humidity', 48, 2)], 'withhold'))).toBe(
      'unknown',
    )
  })

  it('has the uncertain value and its bound beside it', () => {
    const { json_attributes_topic, json_attributes_template = '' } = sensorOf(channel)
    expect(json_attributes_topic).toBe(topics.readings)
    const doubtful = written([uncertain('temperature', 21.7, 0.35)])
    expect(JSON.parse(render(json_attributes_template, doubtful))).toEqual({
      value: 21.7,
      bound: 0.35,
    })
    expect(render(json_attributes_template, written([good('temperature', 21.4)]))).toBe('{}')
  })
})

describe('how a device is', () => {
  const { components } = deviceConfig(site, device())
  const shown = (key: string, status: object) =>
    render(components[key]?.value_template ?? '', JSON.stringify(status))
  const status = statusDocument(recovering, context)

  it('is shown by its status', () => {
    expect(shown('status_sync', status)).toBe('recovering')
    expect(shown('status_last_seen', status)).toBe('2026-11-23T22:10:00.005Z')
    expect(shown('status_loss', status)).toBe('0.25')
    const { json_attributes_template = '' } = components.status_health ?? {}
    expect(JSON.parse(render(json_attributes_template, JSON.stringify(status)))).toEqual({
      cause: 'lost-frames',
      message: '3 frames lost, waiting for a keyframe',
    })
  })

  it('leaves the loss as it was where the counters are left out, or nothing came yet', () => {
    expect(shown('status_loss', statusDocument(recovering, { ...context, details: false }))).toBe(
      '',
    )
    const frames = { ...recovering.frames, received: 0, lost: 0 }
    expect(shown('status_loss', statusDocument({ ...recovering, frames }, context))).toBe('')
  })

  it('has every state among its options that there can be', () => {
    expect(components.status_health?.options).toContain(recovering.health)
    expect(components.status_circuit?.options).toContain(recovering.circuit)
    expect(components.status_sync?.options).toContain(recovering.sync)
  })

  it('is known while the device is silent, but not while the bridge is away', () => {
    for (const [key, { availability, entity_category }] of Object.entries(components)) {
      if (!key.startsWith('status_')) continue
      expect(availability).toEqual([{ topic: bridgeTopics('alec').state }])
      expect(entity_category).toBe('diagnostic')
    }
  })
})

describe('the bridge', () => {
  it('is a device of its own, that the others are connected by', () => {
    const { topic, publication } = bridgeAnnouncement(site)
    expect(topic).toBe('homeassistant/device/alec_bridge/config')
    expect(brokenRules(topic, String(publication().payload))).toEqual([])
    const [identifier] = bridgeConfig(site).device.identifiers
    expect(deviceConfig(site, device()).device.via_device).toBe(identifier)
  })

  it('can say that it is away', () => {
    const { state } = bridgeConfig(site).components
    expect(state).toMatchObject({ state_topic: 'alec/bridge/state', payload_off: 'offline' })
    expect(state).not.toHaveProperty('availability')
  })
})

describe('an entity that is gone', () => {
  it('is removed by its platform alone, and the others stay', () => {
    const gone = new Map([['readings_co2', 'sensor']])
    const { topic, publication, components } = deviceAnnouncement(site, device())
    const payload = String(publication(gone).payload)
    expect(brokenRules(topic, payload)).toEqual([])
    expect(JSON.parse(payload).components.readings_co2).toEqual({ platform: 'sensor' })
    expect([...components.keys()]).not.toContain('readings_co2')
  })
})

describe('a payload that the broker has kept', () => {
  const kept = (at: DiscoverySite, one = device()) =>
    readKeptConfig(String(deviceAnnouncement(at, one).publication().payload), site)
  const keptBridge = (at: DiscoverySite) =>
    readKeptConfig(String(bridgeAnnouncement(at).publication().payload), site)

  it('is ours where this bridge has written it, also under another base topic', () => {
    expect(kept(site)).toMatchObject({ owner: 'ours', device: 'greenhouse-1' })
    expect(kept(site).components).toEqual(deviceAnnouncement(site, device()).components)
    const elsewhere = kept({ ...site, baseTopic: 'old' })
    expect(elsewhere.owner).toBe('ours')
    // What is below another base topic is not ours to clear.
    expect(elsewhere).not.toHaveProperty('device')
    expect(keptBridge(site)).toMatchObject({ owner: 'ours' })
  })

  it('is of this place where another bridge had our base topic', () => {
    const before = { ...site, bridge: 'gw-0' }
    expect(kept(before)).toMatchObject({ owner: 'place', device: 'greenhouse-1' })
    expect(keptBridge(before)).toMatchObject({ owner: 'place' })
  })

  it.each(['alec2', 'alec/x'])(
    'is of others where another bridge has the base topic %s',
    (base) => {
      const at = { ...site, bridge: 'gw-2', baseTopic: base }
      expect(kept(at)).toMatchObject({ owner: 'other' })
      expect(keptBridge(at)).toMatchObject({ owner: 'other' })
    },
  )

  it.each([
    '',
    'null',
    '[]',
    'no json',
    '{"origin":{"name":"zigbee2mqtt"},"device":{"identifiers":["alec/greenhouse-1"]}}',
    '{"origin":{"name":"alec-bridge"}}',
    '{"origin":{"name":"alec-bridge"},"device":{"identifiers":"alec/x"}}',
    '{"origin":{"name":"alec-bridge"},"device":{"identifiers":[7]},"components":3}',
    '{"o":{"name":"tasmota"},"dev":{"ids":["x"]}}',
  ])('is of others where it reads %s', (text) => {
    expect(readKeptConfig(text, site).owner).toBe('other')
  })
})
