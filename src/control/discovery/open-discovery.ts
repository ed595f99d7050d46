import type { Clock, Undo } from '../../clock.js'
import type { Configuration } from '../../config/index.js'
import type { Fleet } from '../../device/index.js'
import type { Log } from '../../log.js'
import type { Publication } from '../../outputs/index.js'
import type { HealthCheckable } from '../../resilience/index.js'
import type { MqttLink } from '../../transport/index.js'
import type { Settings } from '../settings.js'
import { Discovery } from './discovery.js'

export interface DiscoveryParts {
  readonly configuration: Configuration
  readonly settings: Pick<Settings, 'deviceOf'>
  readonly version: string
  readonly fleet: Fleet
  /** By which Home Assistant is heard, and what the broker has kept: one that is not shut when frames have to wait. */
  readonly link: Pick<MqttLink, 'subscribe'>
  readonly outlet: { publish(publication: Publication): void }
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
}

/** What tells others which devices there are. */
export interface Announcer {
  readonly checkables: readonly HealthCheckable[]
  /** To be awaited before a birth. */
  heard(): Promise<void>
  /** What of it belongs to a birth. */
  birth(): readonly Publication[]
  /** A device is another bridge's from now on: where it comes back it is announced anew, whatever was said before. */
  forget(id: string): void
  /** Goes on until undone. */
  start(): Undo
}

/** Discovery as a configuration asks for it; where it does not, nobody is told anything. */
export function openDiscovery(parts: DiscoveryParts): Announcer {
  const { configuration, settings, version, fleet, link, outlet } = parts
  const { homeAssistant, baseTopic, bridge, outputs, unknownDevices, defaultModel } = configuration
  if (!homeAssistant) return NOBODY
  const takenIn = { model: defaultModel ?? '' }
  const discovery = new Discovery({
    ...parts,
    config: homeAssistant,
    site: {
      prefix: homeAssistant.prefix,
      baseTopic,
      bridge: bridge.id,
      shares: configuration.cluster !== undefined,
      version,
      uncertain: outputs.uncertain,
    },
    devices: {
      all: () => fleet.sessions(),
      one: (id) => fleet.session(id),
      named: (id) => settings.deviceOf(id) ?? takenIn,
    },
    retainsReadings: outputs.retain,
    takesIn: unknownDevices === 'accept',
    subscribe: (...subscription) => link.subscribe(...subscription),
    publish: (publication) => outlet.publish(publication),
  })
  return {
    checkables: [discovery],
    heard: () => discovery.heard(),
    birth: () => discovery.birth(),
    forget: (id) => discovery.forget(id),
    start: () => discovery.start(),
  }
}

const NOBODY: Announcer = Object.freeze({
  checkables: [],
  heard: () => Promise.resolve(),
  birth: () => [],
  forget: () => {},
  start: () => () => {},
})
