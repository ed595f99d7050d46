import type { Configuration, DeviceConfig, SourceConfig } from '../config/index.js'
import { doorThatGives, mapped, renamedIn, sourceIdOf } from './named-by-doors.js'
import type { AddedDevice, NewName, Roster } from './roster.js'

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

const called = (device: DeviceConfig, id: string, name: string | undefined): DeviceConfig => ({
  ...device,
  id,
  ...(name !== undefined && { name }),
})
