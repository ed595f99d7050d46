import type { SerialSourceConfig, SourceConfig } from '../config/index.js'
import { mqttSourceId } from '../names.js'

/** The id of the door that a source is. */
export const sourceIdOf = (source: SourceConfig): string =>
  source.kind === 'mqtt'
    ? mqttSourceId(source.topic, source.device)
    : `serial:${source.path ?? usbId(source)}`

/**
 * The source that calls a device so by its own settings, whether that device is wanted or not: what it brings would be taken
 * for frames of anybody else of that id.
 */
export const doorThatGives = (
  sources: readonly SourceConfig[],
  id: string,
): SourceConfig | undefined =>
  sources.find((one) => one.device === id || [...(one.devices?.values() ?? [])].includes(id))

const usbId = ({ match }: SerialSourceConfig): string =>
  `usb:${[match?.vendor, match?.product, match?.serialNumber].map((one) => one ?? '*').join(':')}`

/** A door that knows one more device. */
export function mapped(source: SourceConfig, as: string | number, id: string): SourceConfig {
  return source.kind === 'serial'
    ? { ...source, devices: new Map([...(source.devices ?? []), [Number(as), id]]) }
    : { ...source, devices: new Map([...(source.devices ?? []), [String(as), id]]) }
}

/** A door that gives devices other ids. */
export function renamedIn(source: SourceConfig, moves: ReadonlyMap<string, string>): SourceConfig {
  const named = (id: string) => moves.get(id) ?? id
  const device = source.device === undefined ? {} : { device: named(source.device) }
  if (source.kind === 'serial')
    return {
      ...source,
      ...device,
      ...(source.devices && { devices: renamedAll(source.devices, named) }),
    }
  const devices = renamedAll(source.devices ?? new Map<string, string>(), named)
  if (source.device === undefined) {
    // Where the topic names the device, its own id leads to the new one.
    const mapped = new Set(source.devices?.values())
    for (const [from, to] of moves)
      if (!mapped.has(from) && !devices.has(from)) devices.set(from, to)
  }
  return { ...source, ...device, ...(devices.size > 0 && { devices }) }
}

const renamedAll = <Key>(map: ReadonlyMap<Key, string>, named: (id: string) => string) =>
  new Map(Array.from(map, ([key, id]) => [key, named(id)]))
