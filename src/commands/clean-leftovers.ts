import { isDeviceId } from '../names.js'
import { type DiscoverySite, readKeptConfig } from '../outputs/index.js'

/** What the broker keeps of one device that is not configured. */
export interface Leftover {
  readonly device: string
  readonly topics: readonly string[]
}

/** A device that is not configured, and whose topics are no business of ours. */
export interface LeftAlone {
  readonly device: string
  readonly reason: string
}

export interface Leftovers {
  readonly leftovers: readonly Leftover[]
  readonly leftAlone: readonly LeftAlone[]
}

/** Whose leftovers are looked for, and when. */
export interface Household {
  readonly site: DiscoverySite
  readonly isConfigured: (device: string) => boolean
  /** Whether the bridge says that it runs: then what is in force of its statuses is of devices that it has. */
  readonly isOnline: boolean
  /** Unix milliseconds. */
  readonly wall: number
}

interface Kept {
  readonly topics: string[]
  /** Something in it is as only a bridge writes it. */
  isOurs: boolean
  reason?: string
}

/** Of the topics that the broker keeps, by topic: those of devices that are not configured any more, and only ours. */
export function leftoversOf(kept: ReadonlyMap<string, string>, household: Household): Leftovers {
  const devices = new Map<string, Kept>()
  for (const [topic, payload] of kept) {
    const device = deviceOf(topic, payload, household.site)
    if (device === undefined || household.isConfigured(device)) continue
    const one = devices.get(device) ?? { topics: [], isOurs: false }
    devices.set(device, one)
    one.topics.push(topic)
    one.isOurs ||= isAsWeWrite(topic, payload, household.site)
    if (topic === `${household.site.baseTopic}/${device}/status`) {
      const reason = reasonToKeep(payload, household)
      if (reason !== undefined) one.reason = reason
    }
  }
  const leftovers: Leftover[] = []
  const leftAlone: LeftAlone[] = []
  for (const [device, { topics, isOurs, reason }] of [...devices].sort(byName)) {
    const why = reason ?? (isOurs ? undefined : 'nothing shows that a bridge has written it')
    if (why === undefined) leftovers.push({ device, topics: topics.sort() })
    else leftAlone.push({ device, reason: why })
  }
  return { leftovers, leftAlone }
}

const byName = ([a]: readonly [string, Kept], [b]: readonly [string, Kept]): number =>
  a < b ? -1 : 1

/** Below the base topic, the tails that a bridge retains; frames and commands are others'. */
const TAIL = /^(?:availability|status|status\/health|status\/circuit|readings|readings\/[^/]+)$/

/** Every topic that a leftover can be on. */
export const leftoverFilters = ({ baseTopic, prefix }: DiscoverySite): readonly string[] => [
  ...['availability', 'status', 'status/health', 'status/circuit', 'readings', 'readings/+'].map(
    (tail) => `${baseTopic}/+/${tail}`,
  ),
  `${prefix}/device/+/config`,
]

function deviceOf(topic: string, payload: string, site: DiscoverySite): string | undefined {
  if (topic.startsWith(`${site.prefix}/device/`)) return readKeptConfig(payload, site).device
  const root = `${site.baseTopic}/`
  if (!topic.startsWith(root)) return undefined
  const [device = '', ...tail] = topic.slice(root.length).split('/')
  return isDeviceId(device) && TAIL.test(tail.join('/')) ? device : undefined
}

function isAsWeWrite(topic: string, payload: string, { baseTopic }: DiscoverySite): boolean {
  // Who has written it was read in it.
  if (!topic.startsWith(`${baseTopic}/`)) return true
  if (topic.endsWith('/availability')) return payload === 'online' || payload === 'offline'
  return topic.endsWith('/status') && statusIn(payload) !== undefined
}

function reasonToKeep(payload: string, { site, isOnline, wall }: Household): string | undefined {
  const status = statusIn(payload)
  if (!status) return undefined
  const { bridge, ts, ttl } = status
  if (bridge !== site.bridge) return `it is of another bridge, ${bridge}`
  const isInForce = isOnline && !(Date.parse(ts) + ttl * 1000 < wall)
  return isInForce ? 'the bridge runs, and reports it still' : undefined
}

interface Status {
  readonly bridge: string
  readonly ts: string
  readonly ttl: number
}

function statusIn(payload: string): Status | undefined {
  try {
    const { bridge, ts, ttl } = Object(JSON.parse(payload))
    const isStatus = typeof bridge === 'string' && typeof ts === 'string' && typeof ttl === 'number'
    return isStatus ? { bridge, ts, ttl } : undefined
  } catch {
    return undefined
  }
}
