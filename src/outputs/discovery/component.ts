import type { StateClass } from './sensor-classes.js'

/** Where an entity is available: all of these say `online`. */
export interface Availability {
  readonly availability: readonly { readonly topic: string }[]
  readonly availability_mode: 'all'
}

export const availableWhile = (...topics: readonly string[]): Availability => ({
  availability: topics.map((topic) => ({ topic })),
  availability_mode: 'all',
})

/** One entity in a device's discovery payload, with the keys of Home Assistant that we use. */
export interface DiscoveryComponent extends Partial<Availability> {
  readonly platform: 'sensor' | 'binary_sensor'
  readonly unique_id: string
  readonly default_entity_id: string
  readonly name: string
  readonly state_topic?: string
  readonly value_template?: string
  readonly json_attributes_topic?: string
  readonly json_attributes_template?: string
  readonly device_class?: string
  readonly state_class?: StateClass
  readonly unit_of_measurement?: string
  readonly suggested_display_precision?: number
  readonly options?: readonly string[]
  readonly payload_on?: string
  readonly payload_off?: string
  readonly expire_after?: number
  readonly entity_category?: 'diagnostic'
  readonly icon?: string
}

/** By their keys, which stay the same for ever: an entity is removed by its key. */
export type DiscoveryComponents = Readonly<Record<string, DiscoveryComponent>>

/** `soil_temp-1` → `Soil temp 1`: what people read. */
export function inWords(id: string): string {
  const words = id.replace(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** An entity id of ids; Home Assistant takes small letters, digits and single `_` between them. */
export function entityId(platform: DiscoveryComponent['platform'], ...ids: string[]): string {
  const slug = ids
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
  return `${platform}.${slug.replace(/^_+|_+$/g, '')}`
}
