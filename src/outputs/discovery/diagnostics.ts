import type { DeviceTopics } from '../device-topics.js'
import {
  availableWhile,
  type DiscoveryComponent,
  type DiscoveryComponents,
  entityId,
} from './component.js'

const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const

export interface DiagnosedDevice {
  readonly device: string
  readonly root: string
  readonly topics: DeviceTopics
  /** The bridge's own state: it, and not the device, must be there for these to mean something. */
  readonly bridgeState: string
  /** Whether it was ever heard: a time that is not there yet would be a warning in Home Assistant's log. */
  readonly seen: boolean
  /** Whether it is held against its peers. */
  readonly peers: boolean
}

/** How a device is, as entities; most of all while it is silent. */
export function diagnosticSensors(of: DiagnosedDevice): DiscoveryComponents {
  const { topics, seen, peers } = of
  return {
    status_health: {
      ...one(of, 'health', 'Health', 'mdi:heart-pulse'),
      state_topic: topics.health,
      device_class: 'enum',
      options: HEALTH,
      json_attributes_topic: topics.status,
      json_attributes_template:
        "{{ {'cause': value_json.get('cause'), 'message': value_json.get('message')} | tojson }}",
    },
    status_circuit: {
      ...one(of, 'circuit', 'Circuit', 'mdi:electric-switch'),
      state_topic: topics.circuit,
      device_class: 'enum',
      options: ['closed', 'open', 'half-open'],
    },
    status_sync: {
      ...one(of, 'sync', 'Synchronisation', 'mdi:sync'),
      state_topic: topics.status,
      value_template: "{{ value_json.get('sync') }}",
      device_class: 'enum',
      options: ['exact', 'bounded', 'recovering', 'unknown'],
    },
    status_loss: {
      ...one(of, 'loss', 'Loss', 'mdi:signal-off'),
      state_topic: topics.status,
      value_template: LOSS,
      state_class: 'measurement',
      unit_of_measurement: '%',
      suggested_display_precision: 2,
    },
    ...(peers && {
      status_left_peers: {
        ...one(of, 'left_peers', 'Left its peers', 'mdi:account-group-outline', 'binary_sensor'),
        state_topic: topics.status,
        value_template: "{{ 'ON' if value_json.get('left_peers') else 'OFF' }}",
        device_class: 'problem',
        json_attributes_topic: topics.status,
        json_attributes_template: "{{ {'channels': value_json.get('left_peers')} | tojson }}",
      },
    }),
    ...(seen && {
      status_last_seen: {
        ...one(of, 'last_seen', 'Last seen'),
        state_topic: topics.status,
        value_template: "{{ value_json.get('last_seen') }}",
        device_class: 'timestamp',
      },
    }),
  }
}

/** The share of its frames that never came; the counters are left out of a status under pressure. */
const LOSS =
  "{% set f = value_json.get('frames') %}" +
  '{% if f and f.received + f.lost > 0 %}{{ (100 * f.lost / (f.received + f.lost)) | round(2) }}{% endif %}'

function one(
  { device, root, bridgeState }: DiagnosedDevice,
  key: string,
  name: string,
  icon?: string,
  platform: DiscoveryComponent['platform'] = 'sensor',
): DiscoveryComponent {
  return {
    platform,
    unique_id: `${root}/status/${key}`,
    default_entity_id: entityId(platform, device, key),
    name,
    entity_category: 'diagnostic',
    ...(icon !== undefined && { icon }),
    ...availableWhile(bridgeState),
  }
}
