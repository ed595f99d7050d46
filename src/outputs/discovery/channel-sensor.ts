import type { ChannelSpec } from '../../device/index.js'
import { type DiscoveryComponent, entityId, inWords } from './component.js'
import { sensorClass } from './sensor-classes.js'

/** What a device's channels have in common. */
export interface ChannelsOfDevice {
  readonly device: string
  /** `<base topic>/<device>`, which nothing else on the broker is. */
  readonly root: string
  /** Whether every frame is about every channel, as compact frames are. */
  readonly complete: boolean
  readonly uncertain: 'mark' | 'withhold'
  /** Seconds of silence after which no reading is believed. */
  readonly expireAfter: number
}

/** More of a battery's or a radio's state than of what the device is there to measure. */
const UPKEEP: ReadonlySet<string> = new Set(['battery', 'battery_voltage', 'signal_strength'])

/** A channel as an entity; its state comes by the device's readings. */
export function channelSensor(channel: ChannelSpec, of: ChannelsOfDevice): DiscoveryComponent {
  const { name, quantity, unit, resolution } = channel
  const { deviceClass, stateClass } = sensorClass(quantity, unit)
  const decimals = decimalsOf(resolution)
  return {
    platform: 'sensor',
    unique_id: `${of.root}/readings/${name}`,
    default_entity_id: entityId('sensor', of.device, name),
    name: inWords(name),
    ...(deviceClass !== undefined && { device_class: deviceClass }),
    ...(unit !== undefined && { unit_of_measurement: unit }),
    state_class: stateClass,
    ...(decimals !== undefined && { suggested_display_precision: decimals }),
    ...(quantity !== undefined && UPKEEP.has(quantity) && { entity_category: 'diagnostic' }),
    value_template: goodValue(name, of),
    ...(of.uncertain === 'mark' && {
      json_attributes_topic: `${of.root}/readings`,
      json_attributes_template: `{{ value_json.get('uncertain', {}).get('${name}', {}) | tojson }}`,
    }),
    expire_after: of.expireAfter,
  }
}

/**
 * What Home Assistant makes of a rendered value where it expects a number: a number is the state, `None` makes the state
 * unknown, and an empty text changes nothing. A key that is missing must be asked for by `get`, and an `if` needs its
 * `else`: each is a warning in its log otherwise, with every frame.
 *
 * So a good value is the state. A value that is not certain, or not finite, makes it unknown at once: the last good one
 * would pass for the present one. A frame that says nothing of the channel changes nothing.
 */
function goodValue(name: string, { complete, uncertain }: ChannelsOfDevice): string {
  const value = `value_json.get('${name}')`
  if (complete) return `{{ ${value} }}`
  // What is withheld and what is not in the frame look alike; a frame without doubts withholds nothing.
  const isMeant =
    uncertain === 'mark'
      ? `'${name}' in value_json.get('uncertain', {})`
      : `value_json.get('quality') != 'good'`
  return `{{ ${value} if '${name}' in value_json or ${isMeant} else '' }}`
}

/** How many decimals a sensor's step has, where it is written out. */
function decimalsOf(resolution: string | undefined): number | undefined {
  const [whole, decimals = ''] = /^\d+(?:\.(\d+))?$/.exec(resolution ?? '') ?? []
  return whole === undefined ? undefined : decimals.replace(/0+$/, '').length
}
