import { topic } from '../names.js'

/** A device's topics, built once. */
export interface DeviceTopics {
  readonly readings: string
  /** By channel name. */
  readonly channels: ReadonlyMap<string, string>
  readonly availability: string
  readonly status: string
  readonly health: string
  readonly circuit: string
  readonly event: string
  readonly command: string
}

/** Throws a RangeError where the base topic, the id or a channel's name is not valid. */
export function deviceTopics(
  base: string,
  device: string,
  channels: readonly string[],
): DeviceTopics {
  return Object.freeze({
    readings: topic(base, device, 'readings'),
    channels: new Map(channels.map((name) => [name, topic(base, device, 'readings', name)])),
    availability: topic(base, device, 'availability'),
    status: topic(base, device, 'status'),
    health: topic(base, device, 'status', 'health'),
    circuit: topic(base, device, 'status', 'circuit'),
    event: topic(base, device, 'event'),
    command: topic(base, device, 'command'),
  })
}
