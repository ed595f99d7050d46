import type { ChannelSpec } from '../../device/index.js'
import { bridgeTopics } from '../bridge-topics.js'
import { deviceTopics } from '../device-topics.js'
import { type Publication, retained } from '../publication.js'
import { channelSensor } from './channel-sensor.js'
import {
  type Availability,
  availableWhile,
  type DiscoveryComponents,
  entityId,
} from './component.js'
import { diagnosticSensors } from './diagnostics.js'
import {
  among,
  bridgeConfigTopic,
  bridgeIdentifier,
  type DiscoverySite,
  deviceConfigTopic,
  deviceIdentifier,
  ORIGIN,
} from './site.js'

/** What is announced of a device. */
export interface AnnouncedDevice {
  readonly id: string
  readonly name?: string
  readonly model: string
  readonly frames: 'compact' | 'standard'
  readonly channels: readonly ChannelSpec[]
  /** Seconds of silence after which no reading is believed. */
  readonly expireAfter: number
  readonly seen: boolean
  /** Whether it is held against its peers. */
  readonly peers: boolean
}

/** A discovery payload with the keys of Home Assistant that we use. */
export interface DiscoveryConfig extends Partial<Availability> {
  readonly device: {
    readonly identifiers: readonly string[]
    readonly name: string
    readonly manufacturer?: string
    readonly model: string
    readonly sw_version?: string
    readonly via_device?: string
  }
  readonly origin: { readonly name: string; readonly sw_version: string }
  readonly state_topic?: string
  readonly components: DiscoveryComponents
}

/** An entity that is there no more: by this and nothing else Home Assistant removes it. */
export type RemovedComponent = { readonly platform: string }

/** A device with its channels and how it is. */
export function deviceConfig(site: DiscoverySite, device: AnnouncedDevice): DiscoveryConfig {
  const { id, name, model, frames, channels, expireAfter, seen, peers } = device
  const topics = deviceTopics(site.baseTopic, id, [])
  const bridgeState = bridgeTopics(site.baseTopic, among(site)).state
  const root = deviceIdentifier(site, id)
  const of = { device: id, root, expireAfter, uncertain: site.uncertain }
  const complete = frames === 'compact'
  return {
    device: {
      identifiers: [root],
      name: name ?? id,
      model,
      via_device: bridgeIdentifier(site),
    },
    origin: origin(site),
    ...availableWhile(topics.availability, bridgeState),
    // The whole readings also where channels have topics of their own: those are silent of what is uncertain, and the
    // first to be left out under pressure.
    state_topic: topics.readings,
    components: {
      ...Object.fromEntries(
        channels.map((channel) => [
          `readings_${channel.name}`,
          channelSensor(channel, { ...of, complete }),
        ]),
      ),
      ...diagnosticSensors({ device: id, root, topics, bridgeState, seen, peers }),
    },
  }
}

/** The bridge itself. */
export function bridgeConfig(site: DiscoverySite): DiscoveryConfig {
  const topics = bridgeTopics(site.baseTopic, among(site))
  const root = deviceIdentifier(site, site.shares ? `bridge/${site.bridge}` : 'bridge')
  const common = (key: string, name: string) => ({
    unique_id: `${root}/${key}`,
    name,
    entity_category: 'diagnostic' as const,
  })
  const sensor = (key: string, name: string, icon: string, options: readonly string[]) => ({
    platform: 'sensor' as const,
    default_entity_id: entityId('sensor', site.bridge, key),
    ...common(key, name),
    icon,
    device_class: 'enum',
    options,
    state_topic: topics.status,
    value_template: `{{ value_json.get('${key}') }}`,
    ...availableWhile(topics.state),
  })
  return {
    device: {
      identifiers: [bridgeIdentifier(site)],
      name: `ALEC bridge ${site.bridge}`,
      model: 'alec-bridge',
      sw_version: site.version,
    },
    origin: origin(site),
    components: {
      // Not available itself it could never say that the bridge is away.
      state: {
        platform: 'binary_sensor',
        default_entity_id: entityId('binary_sensor', site.bridge, 'state'),
        ...common('state', 'State'),
        device_class: 'connectivity',
        state_topic: topics.state,
        payload_on: 'online',
        payload_off: 'offline',
      },
      health: sensor('health', 'Health', 'mdi:heart-pulse', [
        ...['healthy', 'degraded', 'unhealthy', 'unknown'],
      ]),
      degradation: sensor('degradation', 'Degradation', 'mdi:speedometer-slow', [
        ...['normal', 'light', 'moderate', 'heavy', 'emergency'],
      ]),
    },
  }
}

const origin = ({ version }: DiscoverySite) => ({ name: ORIGIN, sw_version: version })

/** What there is to say of a device, or of the bridge. */
export interface Announcement {
  readonly topic: string
  /** Its entities by key, with their platform. */
  readonly components: ReadonlyMap<string, string>
  /** Says it; of the entities in `gone`, by key and platform, that they are there no more. */
  publication(gone?: ReadonlyMap<string, string>): Publication
}

export const deviceAnnouncement = (site: DiscoverySite, device: AnnouncedDevice): Announcement =>
  announcement(deviceConfigTopic(site, device.id), deviceConfig(site, device))

export const bridgeAnnouncement = (site: DiscoverySite): Announcement =>
  announcement(bridgeConfigTopic(site), bridgeConfig(site))

function announcement(topic: string, config: DiscoveryConfig): Announcement {
  const entries = Object.entries(config.components)
  return {
    topic,
    components: new Map(entries.map(([key, { platform }]) => [key, platform])),
    publication(gone = new Map()) {
      const removed: Record<string, RemovedComponent> = {}
      for (const [key, platform] of gone) removed[key] = { platform }
      const components = { ...removed, ...config.components }
      return retained(topic, JSON.stringify({ ...config, components }))
    },
  }
}
