import type {
  Configuration,
  DeviceConfig,
  SerialSourceConfig,
  SourceConfig,
} from '../config/index.js'
import { mqttSourceId } from '../names.js'

/**
 * What requests have made of the devices. The configuration's file declares, requests amend, and the program never
 * writes the file; so the two are merged, by these rules:
 *
 * - a device that is added by request is there until it is removed by request; where the file declares it as well, the
 *   file's declaration counts, and the addition is forgotten;
 * - one that the file declares and a request has removed stays away for as long as the file goes on declaring it;
 * - a new name stays with the device, whoever declares it, for as long as it is declared.
 */
export interface Roster {
  /** By the id that its door gives it. */
  readonly added: Readonly<Record<string, AddedDevice>>
  /** Declared by the file, and not wanted. */
  readonly removed: readonly string[]
  /** The id that its door gives a device → what it is called now. */
  readonly renamed: Readonly<Record<string, NewName>>
}

export interface AddedDevice {
  readonly model: string
  readonly name?: string
  /** The door that it comes by, where that has to be told how it knows the device. */
  readonly source?: string
  /** Its address on the line, or its id in the network behind the broker. */
  readonly as?: string | number
}

export interface NewName {
  readonly to: string
  readonly name?: string
}

export const EMPTY_ROSTER: Roster = Object.freeze({ added: {}, removed: [], renamed: {} })

export interface Merged {
  readonly configuration: Configuration
  /** Without what does not matter any more. */
  readonly roster: Roster
  /** Devices that are there by request. */
  readonly requested: ReadonlySet<string>
  /** What cannot be done, for people. */
  readonly notes: readonly string[]
}

/** The configuration with what requests have made of its devices. */
export function withRoster(file: Configuration, roster: Roster): Merged {
  const merge = new Merge(file)
  const removed = roster.removed.filter((id) => merge.remove(id))
  const added = entriesThat(roster.added, (id, device) => merge.add(id, device))
  const renamed = merge.rename(roster.renamed)
  const { devices, sources, requested, notes } = merge
  const configuration = { ...file, devices, sources }
  return { configuration, roster: { added, removed, renamed }, requested, notes }
}

/** A configuration on the way to another one; each step says whether it is still of use. */
class Merge {
  readonly requested = new Set<string>()
  readonly notes: string[] = []
  sources: readonly SourceConfig[]
  readonly #file: Configuration
  /** Of its own as soon as one of them changes: of a large fleet it takes megabytes. */
  #changed: Map<string, DeviceConfig> | undefined
  readonly #added = new Set<string>()

  constructor(file: Configuration) {
    this.#file = file
    this.sources = file.sources
  }

  get devices(): ReadonlyMap<string, DeviceConfig> {
    return this.#changed ?? this.#file.devices
  }

  remove(id: string): boolean {
    return this.devices.has(id) && this.#change().delete(id)
  }

  add(id: string, { model, name, source, as }: AddedDevice): boolean {
    if (this.#file.devices.has(id)) return false
    this.#added.add(id)
    if (!this.#file.models.has(model)) {
      this.notes.push(
        `device ${id} was added by request and stays away: there is no model ${model}`,
      )
      return true
    }
    this.#change().set(id, { id, model, ...(name !== undefined && { name }) })
    this.requested.add(id)
    if (source !== undefined && as !== undefined) this.#map(source, as, id)
    return true
  }

  /** All at once: they may take the ids of each other. Returns the names that still belong to a device. */
  rename(names: Readonly<Record<string, NewName>>): Record<string, NewName> {
    // Whoever is removed for good takes the new name along; one that stays away for now does not.
    const kept = entriesThat(names, (id) => this.devices.has(id) || this.#added.has(id))
    const moves = this.#moves(kept)
    const leaving = Object.entries(kept).flatMap(([id, { to, name }]) => {
      const device = this.devices.get(id)
      return device && (to === id || moves.has(id))
        ? [{ id, device: called(device, to, name) }]
        : []
    })
    if (leaving.length === 0) return kept
    const devices = this.#change()
    for (const { id } of leaving) devices.delete(id)
    for (const { device } of leaving) devices.set(device.id, device)
    const requested = leaving.filter(({ id }) => this.requested.delete(id))
    for (const { device } of requested) this.requested.add(device.id)
    this.sources = this.sources.map((one) => renamedIn(one, moves))
    return kept
  }

  /** The ids that change, and what they become: no two devices the same, and none what a door calls somebody else. */
  #moves(names: Readonly<Record<string, NewName>>): Map<string, string> {
    const moves = new Map<string, string>()
    for (const [id, { to }] of Object.entries(names))
      if (to !== id && this.devices.has(id)) moves.set(id, to)
    // Who keeps its id may be in the way of another.
    for (let before = -1; before !== moves.size; ) {
      before = moves.size
      const taken = new Set<string>()
      for (const [id, to] of moves) {
        const door = moves.has(to) ? undefined : doorThatGives(this.sources, to)
        const isOther = taken.has(to) || (this.devices.has(to) && !moves.has(to))
        taken.add(to)
        if (!isOther && !door) continue
        moves.delete(id)
        const who = isOther ? 'is another device now' : `${sourceIdOf(door!)} calls somebody else`
        this.notes.push(`device ${id} was to be called ${to}, which ${who}`)
      }
    }
    return moves
  }

  #change(): Map<string, DeviceConfig> {
    this.#changed ??= new Map(this.#file.devices)
    return this.#changed
  }

  /** Tells a door how it knows a device. */
  #map(source: string, as: string | number, id: string): void {
    if (!this.sources.some((one) => sourceIdOf(one) === source))
      this.notes.push(`device ${id} was added by request, and its door is not there: ${source}`)
    this.sources = this.sources.map((one) =>
      sourceIdOf(one) === source ? mapped(one, as, id) : one,
    )
  }
}

function entriesThat<T>(
  record: Readonly<Record<string, T>>,
  hold: (key: string, value: T) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key, value]) => hold(key, value)))
}

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

const called = (device: DeviceConfig, id: string, name: string | undefined): DeviceConfig => ({
  ...device,
  id,
  ...(name !== undefined && { name }),
})

/** A door that knows one more device. */
function mapped(source: SourceConfig, as: string | number, id: string): SourceConfig {
  return source.kind === 'serial'
    ? { ...source, devices: new Map([...(source.devices ?? []), [Number(as), id]]) }
    : { ...source, devices: new Map([...(source.devices ?? []), [String(as), id]]) }
}

/** A door that gives devices other ids. */
function renamedIn(source: SourceConfig, moves: ReadonlyMap<string, string>): SourceConfig {
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

/** Whether what came from a disk is a roster. */
export function isRoster(value: unknown): value is Roster {
  if (typeof value !== 'object' || value === null) return false
  const { added, removed, renamed } = value as Partial<Record<keyof Roster, unknown>>
  return (
    isRecordOf(added, 'model') &&
    isRecordOf(renamed, 'to') &&
    Array.isArray(removed) &&
    removed.every((id) => typeof id === 'string')
  )
}

/** Whether it is a map whose values each have this text. */
const isRecordOf = (value: unknown, key: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (one) =>
      typeof one === 'object' &&
      one !== null &&
      typeof (one as Record<string, unknown>)[key] === 'string',
  )
