export const HEALTHS = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const
export type Health = (typeof HEALTHS)[number]

/** What a status says, as far as a table needs it. */
export interface StatusReport {
  /** Unix milliseconds. */
  readonly wall: number
  readonly ttlMs: number
  readonly bridge: string | undefined
  readonly health: Health
  readonly circuit: string
  readonly sync: string
  readonly cause: string | undefined
  readonly message: string | undefined
  /** Unix milliseconds. */
  readonly since: number | undefined
  readonly lastSeen: number | undefined
  readonly leftPeers: readonly string[]
  readonly integrity: string | undefined
  /** Counted since the device is known; empty where they were left out. */
  readonly counters: ReadonlyMap<string, number>
}

/** Undefined for what no bridge has written. */
export function statusReportOf(document: unknown): StatusReport | undefined {
  const status = Object(document)
  const wall = timeOf(status.ts)
  const health = HEALTHS.find((one) => one === status.health)
  if (wall === undefined || health === undefined || !(status.ttl > 0)) return undefined
  return {
    wall,
    ttlMs: Number(status.ttl) * 1000,
    bridge: textOf(status.bridge),
    health,
    circuit: textOf(status.circuit) ?? '?',
    sync: textOf(status.sync) ?? '?',
    cause: textOf(status.cause),
    message: textOf(status.message),
    since: timeOf(status.since),
    lastSeen: timeOf(status.last_seen),
    leftPeers: Array.isArray(status.left_peers) ? status.left_peers.map(String) : [],
    integrity: textOf(status.integrity),
    counters: new Map(
      ['frames', 'readings', 'resync', 'bytes'].flatMap((group) =>
        Object.entries(Object(status[group])).flatMap(([name, count]) =>
          typeof count === 'number' ? [[`${group}.${name}`, count] as const] : [],
        ),
      ),
    ),
  }
}

/** Which part of the frames that were sent did not come; undefined where none was. */
export function lossOf({ counters }: StatusReport): number | undefined {
  const lost = counters.get('frames.lost') ?? 0
  return share(lost, lost + (counters.get('frames.received') ?? 0))
}

/** Which part of the values is good; undefined where there are none. */
export function goodOf({ counters }: StatusReport): number | undefined {
  const of = (quality: string) => counters.get(`readings.${quality}`) ?? 0
  return share(of('good'), of('good') + of('uncertain') + of('bad'))
}

const share = (part: number, whole: number): number | undefined =>
  whole > 0 ? part / whole : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

function timeOf(value: unknown): number | undefined {
  const wall = typeof value === 'string' ? new Date(value).getTime() : Number.NaN
  return Number.isNaN(wall) ? undefined : wall
}
