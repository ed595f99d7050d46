import { Peer } from './peer.js'
import { PeerGroup } from './peer-group.js'
import type { DeviceProfile } from './profile.js'

/** By model: its devices, held against each other. */
export class PeerGroups {
  readonly #groups = new Map<DeviceProfile, PeerGroup>()

  /** A place among the devices of a model; undefined where they are not held against each other. */
  join(profile: DeviceProfile): Peer | undefined {
    const { peers } = profile.spec
    if (!peers) return undefined
    const group = this.#groups.get(profile) ?? new PeerGroup(profile, peers)
    this.#groups.set(profile, group)
    return new Peer(group)
  }

  /** Forgets the groups of all other models. */
  keep(profiles: Iterable<DeviceProfile>): void {
    const kept = new Set(profiles)
    for (const profile of this.#groups.keys()) if (!kept.has(profile)) this.#groups.delete(profile)
  }
}
