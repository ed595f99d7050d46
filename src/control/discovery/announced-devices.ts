import type { DeviceProfile, DeviceSession } from '../../device/index.js'
import {
  type AnnouncedDevice,
  type Announcement,
  bridgeAnnouncement,
  type DiscoverySite,
  deviceAnnouncement,
} from '../../outputs/index.js'

/** A device as far as it is announced. */
export type DiscoveredDevice = Pick<DeviceSession, 'id' | 'profile' | 'ttlMs' | 'source'>

export interface DiscoveredDevices {
  all(): Iterable<DiscoveredDevice>
  one(id: string): DiscoveredDevice | undefined
  /** What people call it, and what kind it is. */
  named(id: string): { readonly name?: string; readonly model: string }
}

/** What was, or is to be, announced under an id; the bridge is one of them and never changes. */
export type Subject = 'bridge' | DeviceSubject

interface DeviceSubject extends AnnouncedDevice {
  readonly profile: DeviceProfile
}

const BRIDGE = 'bridge'
const LEAST_EXPIRY_S = 60

/** What should be announced now. */
export class AnnouncedDevices {
  readonly #site: DiscoverySite
  readonly #devices: DiscoveredDevices

  constructor(site: DiscoverySite, devices: DiscoveredDevices) {
    this.#site = site
    this.#devices = devices
  }

  *ids(): Iterable<string> {
    yield BRIDGE
    for (const { id } of this.#devices.all()) yield id
  }

  has(id: string): boolean {
    return id === BRIDGE || this.#devices.one(id) !== undefined
  }

  /**
   * What should be announced under an id, after `before` was; that again where nothing has changed. What frames change is
   * only looked for where it is looked `closely`.
   */
  subject(id: string, before?: Subject, closely = true): Subject | undefined {
    if (id === BRIDGE) return BRIDGE
    const device = this.#devices.one(id)
    if (!device) return undefined
    const known = before === BRIDGE ? undefined : before
    const named = this.#devices.named(id)
    const stays = known && isStill(known, device, named) && !(closely && hasNews(known, device))
    return stays ? known : describe(device, named, known)
  }

  announcement(subject: Subject): Announcement {
    return subject === BRIDGE
      ? bridgeAnnouncement(this.#site)
      : deviceAnnouncement(this.#site, subject)
  }
}

type Named = ReturnType<DiscoveredDevices['named']>

const isStill = (
  before: DeviceSubject,
  { profile }: DiscoveredDevice,
  { name, model }: Named,
): boolean => before.profile === profile && before.name === name && before.model === model

/** Whether frames have changed it: this has to be fetched from where a large fleet keeps it. */
const hasNews = (before: DeviceSubject, { ttlMs, source }: DiscoveredDevice): boolean =>
  before.seen !== (source !== '') || ttlMs > before.expireAfter * 1000

function describe(
  { id, profile, ttlMs, source }: DiscoveredDevice,
  named: Named,
  before: DeviceSubject | undefined,
): DeviceSubject {
  const { frames, channels, intervalMs, peers } = profile.spec
  const ttl = Math.ceil(ttlMs / 1000)
  const expireAfter = intervalMs === undefined ? roomy(ttl, before?.expireAfter) : ttl
  const facts = { frames, channels, expireAfter, seen: source !== '' }
  return { id, ...named, profile, ...facts, peers: peers !== undefined }
}

/** A learned interval moves with every frame: there is room for that, so that a device is not announced with each. */
function roomy(seconds: number, before = LEAST_EXPIRY_S): number {
  let expiry = before
  while (expiry < seconds) expiry *= 2
  return expiry
}
