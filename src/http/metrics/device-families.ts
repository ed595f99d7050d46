import type { DeviceStatus } from '../../device/index.js'
import { byLabel, type Family, type Sample } from './family.js'
import type { FleetReading } from './fleet-families.js'

/**
 * What there is to say of each device, while there are no more than `most`: then of none, because half of a fleet would
 * pass for all of it.
 */
export function deviceFamilies(reading: () => FleetReading, most: number): Family[] {
  const shown = (): readonly DeviceStatus[] => {
    const { statuses } = reading()
    return statuses.length <= most ? statuses : []
  }
  const each = (read: (status: DeviceStatus) => Iterable<Sample>) => () =>
    shown().flatMap((status) => [...read(status)])
  const of = ({ device }: DeviceStatus) => ({ device })
  return [
    {
      name: 'device_series',
      help: 'Devices that have series of their own; 0 where there are more than http.metrics.devices.',
      type: 'gauge',
      read: () => [[shown().length]],
    },
    {
      name: 'device_info',
      help: 'How a device is, in its labels.',
      type: 'gauge',
      labels: ['device', 'health', 'circuit', 'sync'],
      read: each(({ device, health, circuit, sync }) => [[1, { device, health, circuit, sync }]]),
    },
    {
      name: 'device_online',
      help: 'Whether a device was heard within its time.',
      type: 'gauge',
      labels: ['device'],
      read: each((status) => [[Number(status.online), of(status)]]),
    },
    {
      name: 'device_last_seen_timestamp_seconds',
      help: 'When the last frame of a device came; absent before the first.',
      type: 'gauge',
      labels: ['device'],
      read: each((status) =>
        status.lastSeen === null ? [] : [[status.lastSeen / 1000, of(status)]],
      ),
    },
    {
      name: 'device_frames_total',
      help: 'What became of the frames of a device.',
      type: 'counter',
      labels: ['device', 'verdict'],
      read: each((status) => {
        const { decoded, rejected, duplicate, late, skipped } = status.frames
        return byLabel('verdict', { decoded, rejected, duplicate, late, skipped }, of(status))
      }),
    },
    {
      name: 'device_frames_lost_total',
      help: 'Frames that a device sent and that never came.',
      type: 'counter',
      labels: ['device'],
      read: each((status) => [[status.frames.lost, of(status)]]),
    },
    {
      name: 'device_readings_total',
      help: 'Values of the channels of a device, by their quality.',
      type: 'counter',
      labels: ['device', 'quality'],
      read: each((status) => {
        const { good, uncertain, bad } = status.readings
        return byLabel('quality', { good, uncertain, bad }, of(status))
      }),
    },
  ]
}
