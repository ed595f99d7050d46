import type { Configuration, DeviceConfig } from '../config/index.js'
import { EMPTY_ROSTER, type Roster, withRoster } from './roster.js'

/** Keeps what requests have made of the devices over a restart. */
export interface RosterStore {
  /** Resolves once it is safe; rejects where the disk does not take it. */
  save(roster: Roster): Promise<void>
}

export type Origin = 'file' | 'request' | 'accepted'

/**
 * What the bridge works with now: the configuration's file, and on top of it what requests have made of the devices.
 * Whoever asks gets the present state of it.
 */
export class Settings {
  #file: Configuration
  #roster: Roster
  #current: Configuration
  #requested: ReadonlySet<string>
  #notes: readonly string[]

  constructor(file: Configuration, roster: Roster = EMPTY_ROSTER) {
    const merged = withRoster(file, roster)
    this.#file = file
    this.#roster = merged.roster
    this.#current = merged.configuration
    this.#requested = merged.requested
    this.#notes = merged.notes
  }

  /** In force. */
  get current(): Configuration {
    return this.#current
  }

  /** As the file has it. */
  get file(): Configuration {
    return this.#file
  }

  get roster(): Roster {
    return this.#roster
  }

  /** What of the requests of before cannot be done any more, for people. */
  get notes(): readonly string[] {
    return this.#notes
  }

  originOf(id: string): Origin {
    if (this.#requested.has(id)) return 'request'
    return this.#current.devices.has(id) ? 'file' : 'accepted'
  }

  /** Takes another file, or another roster. */
  take({
    file = this.#file,
    roster = this.#roster,
  }: {
    file?: Configuration
    roster?: Roster
  }): void {
    const merged = withRoster(file, roster)
    this.#file = file
    this.#roster = merged.roster
    this.#current = merged.configuration
    this.#requested = merged.requested
    this.#notes = merged.notes
  }

  deviceOf(id: string): DeviceConfig | undefined {
    return this.#current.devices.get(id)
  }
}
