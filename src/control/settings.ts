import type { Configuration, DeviceConfig } from '../config/index.js'
import { EMPTY_ROSTER, type Roster } from './roster.js'
import { withRoster } from './with-roster.js'

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
  #merged: ReturnType<typeof withRoster>

  constructor(file: Configuration, roster: Roster = EMPTY_ROSTER) {
    this.#file = file
    this.#merged = withRoster(file, roster)
  }

  /** In force. */
  get current(): Configuration {
    return this.#merged.configuration
  }

  /** As the file has it. */
  get file(): Configuration {
    return this.#file
  }

  get roster(): Roster {
    return this.#merged.roster
  }

  /** What of the requests of before cannot be done any more, for people. */
  get notes(): readonly string[] {
    return this.#merged.notes
  }

  originOf(id: string): Origin {
    if (this.#merged.requested.has(id)) return 'request'
    return this.#merged.configuration.devices.has(id) ? 'file' : 'accepted'
  }

  /** Takes another file, or another roster. */
  take({
    file = this.#file,
    roster = this.#merged.roster,
  }: {
    file?: Configuration
    roster?: Roster
  }): void {
    this.#file = file
    this.#merged = withRoster(file, roster)
  }

  deviceOf(id: string): DeviceConfig | undefined {
    return this.#merged.configuration.devices.get(id)
  }
}
