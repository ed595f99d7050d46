import type { DeviceStatus } from '../device/index.js'

/** What was published of one device's status last, and when (monotonic ms); undefined on a new connection. */
export interface StatusFlow {
  readonly published: DeviceStatus
  readonly at: number
}

export interface StatusFlowPolicy {
  /** No two publications are closer than this. */
  readonly minIntervalMs: number
  /** Where only counters have moved, no two are closer than this; 5 s with the sweep that finds it. */
  readonly countersMs: number
  /** Also unchanged it is published so often, and before its `ttl` is over in any case. */
  readonly refreshMs: number
}

export const defaultStatusFlowPolicy: StatusFlowPolicy = Object.freeze({
  minIntervalMs: 1_000,
  countersMs: 4_000,
  refreshMs: 60_000,
})

/** A reader takes a status older than its ttl for unknown: it is refreshed at this share of it. */
const REFRESH_SHARE = 0.75

/**
 * The flow after a look at the current status. Another object means: publish it now. The same object: there
 * is nothing new, or it is too early; a later look finds it, so the last state always goes out.
 */
export function nextStatusFlow(
  flow: StatusFlow | undefined,
  status: DeviceStatus,
  now: number,
  policy: StatusFlowPolicy,
): StatusFlow {
  return flow !== undefined && now - flow.at < patience(flow.published, status, policy)
    ? flow
    : { published: status, at: now }
}

/** How old the published status may get. */
function patience(published: DeviceStatus, status: DeviceStatus, policy: StatusFlowPolicy): number {
  if (!sameState(published, status)) return policy.minIntervalMs
  const refresh = Math.min(policy.refreshMs, published.ttlMs * REFRESH_SHARE)
  return sameCounters(published, status) ? refresh : Math.min(policy.countersMs, refresh)
}

/** `ttlMs` follows the interval as that is learned: it moves with every frame and is no news. */
const sameState = (a: DeviceStatus, b: DeviceStatus): boolean =>
  a.health === b.health &&
  a.circuit === b.circuit &&
  a.sync === b.sync &&
  a.online === b.online &&
  a.since === b.since &&
  sameNames(a.leftPeers, b.leftPeers) &&
  a.cause === b.cause &&
  a.message === b.message

const sameNames = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

const sameCounters = (a: DeviceStatus, b: DeviceStatus): boolean =>
  a.lastSeen === b.lastSeen &&
  a.bytes.in === b.bytes.in &&
  a.resync.requested === b.resync.requested &&
  a.resync.completed === b.resync.completed &&
  a.readings.good === b.readings.good &&
  a.readings.uncertain === b.readings.uncertain &&
  a.readings.bad === b.readings.bad &&
  a.frames.received === b.frames.received &&
  a.frames.decoded === b.frames.decoded &&
  a.frames.lost === b.frames.lost &&
  a.frames.duplicate === b.frames.duplicate &&
  a.frames.late === b.frames.late &&
  a.frames.rejected === b.frames.rejected &&
  a.frames.skipped === b.frames.skipped
