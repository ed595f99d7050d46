import type { DeviceEvent } from '../device/index.js'
import type { Feature } from '../resilience/index.js'
import type { DeviceTopics } from './device-topics.js'
import { isoTime } from './iso-time.js'
import type { Publication } from './publication.js'

/** Whether an event has to reach everybody: it says which readings will never come. */
export const mustArrive = ({ type }: DeviceEvent): boolean =>
  type === 'gap' || type === 'readings_dropped'

/** An event as `alec/<device>/event` shows it. */
export function eventPublication(event: DeviceEvent, topics: DeviceTopics): Publication {
  const { wall, type, severity, ...facts } = event
  const entries = Object.entries(facts).map(([name, value]) => [snakeCase(name), value])
  const document = { ts: isoTime(wall), type, severity, ...Object.fromEntries(entries) }
  const sure = mustArrive(event)
  return {
    topic: topics.event,
    payload: JSON.stringify(document),
    qos: sure ? 1 : 0,
    retain: false,
    whileAway: sure ? 'queue' : 'drop',
  }
}

/** What an event counts as when features are shed; undefined: as nothing that ever is. */
export function eventFeature(event: DeviceEvent): Feature | undefined {
  switch (event.type) {
    case 'gap':
    case 'readings_dropped':
      return 'gap-events'
    case 'circuit_opened':
    case 'circuit_half_opened':
    case 'circuit_closed':
      return 'circuit'
    case 'health_changed':
      return 'health'
    case 'silent':
    case 'returned':
      return 'availability'
    case 'left_peers':
    case 'rejoined_peers':
      // Both or neither: whoever saw it leave shall see it come back.
      return 'status-details'
    default:
      return event.severity === 'info' ? 'debug-events' : undefined
  }
}

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
