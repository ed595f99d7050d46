import type { DeviceStatus } from '../../device/index.js'
import type { FleetView } from '../views.js'
import { byLabel, type Family, tallyOf } from './family.js'
import type { Totals } from './fleet-totals.js'
import type { VerdictCounts } from './verdict-counts.js'

/** What is read of the fleet, once for all families. */
export interface FleetReading {
  readonly statuses: readonly DeviceStatus[]
  readonly totals: Totals
}

const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unknown']
const CIRCUIT = ['closed', 'open', 'half-open']
const SYNC = ['exact', 'bounded', 'recovering', 'unknown']

/** What became of the frames of all devices together, and how many devices are how. */
export function fleetFamilies(
  reading: () => FleetReading,
  fleet: FleetView,
  reasons: VerdictCounts,
): Family[] {
  const counted = (name: string, help: string, count: keyof Totals): Family => ({
    name: `${name}_total`,
    help,
    type: 'counter',
    read: () => [[reading().totals[count]]],
  })
  const states = (name: string, help: string, label: string, of: Of, words: string[]): Family => ({
    name,
    help,
    type: 'gauge',
    labels: [label],
    read: () => byLabel(label, tallyOf(words, reading().statuses.map(of))),
  })
  return [
    counted('frames_received', 'Frames of known devices; each has one verdict.', 'received'),
    {
      name: 'frames_total',
      help: 'What became of the frames that were received.',
      type: 'counter',
      labels: ['verdict'],
      read: () => {
        const { decoded, rejected, duplicate, late, skipped } = reading().totals
        return byLabel('verdict', { decoded, rejected, duplicate, late, skipped })
      },
    },
    {
      name: 'frames_rejected_by_reason_total',
      help: 'Frames that could not be decoded since the start, by what is wrong with them.',
      type: 'counter',
      labels: ['reason'],
      read: () => byLabel('reason', reasons.rejected),
    },
    {
      name: 'frames_skipped_by_reason_total',
      help: 'Frames that were let in and not decoded since the start, duplicates and late ones among them.',
      type: 'counter',
      labels: ['reason'],
      read: () => byLabel('reason', reasons.skipped),
    },
    counted('frames_lost', 'Frames that devices sent and that never came.', 'lost'),
    counted('frame_bytes', 'Bytes of the frames that were received.', 'bytes'),
    {
      name: 'readings_total',
      help: 'Values of channels, by their quality.',
      type: 'counter',
      labels: ['quality'],
      read: () => {
        const { good, uncertain, bad } = reading().totals
        return byLabel('quality', { good, uncertain, bad })
      },
    },
    {
      name: 'readings_dropped_total',
      help: 'Frames since the start whose readings never arrive, because a limit dropped them.',
      type: 'counter',
      labels: ['reason'],
      read: () => byLabel('reason', reasons.dropped),
    },
    counted('keyframe_requests', 'Keyframes that devices were asked for.', 'requested'),
    counted('resynchronisations', 'Times that the state of a device was found again.', 'completed'),
    {
      name: 'unknown_frames_total',
      help: 'Frames of ids that are not configured.',
      type: 'counter',
      labels: ['reason'],
      read: () => byLabel('reason', Object.fromEntries(fleet.unknown.byReason)),
    },
    {
      name: 'held_frames',
      help: 'Frames that came too early and are held for their turn.',
      type: 'gauge',
      read: () => [[sum(fleet)]],
    },
    {
      name: 'devices_online',
      help: 'Devices that were heard within their time.',
      type: 'gauge',
      read: () => [[reading().statuses.filter(({ online }) => online).length]],
    },
    states('devices', 'Devices by health.', 'health', ({ health }) => health, HEALTH),
    states('devices_by_circuit', 'Devices by circuit.', 'circuit', (of) => of.circuit, CIRCUIT),
    states('devices_by_sync', 'Devices by synchronisation.', 'sync', ({ sync }) => sync, SYNC),
  ]
}

type Of = (status: DeviceStatus) => string

function sum(fleet: FleetView): number {
  let held = 0
  for (const session of fleet.sessions()) held += session.held
  return held
}
