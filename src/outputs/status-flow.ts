import type { DeviceStatus } from '../device/index.js'

/**
 * What was published of one device's status last, and when (monotonic ms); undefined on a new connection. Of the status
 * only what tells a later one from it: it is kept for every device.
 */
export interface StatusFlow
  extends Pick<
    DeviceStatus,
    'health' | 'circuit' | 'sync' | 'online' | 'since' | 'lastSeen' | 'ttlMs' | 'cause' | 'message'
  > {
  readonly at: number
  /** Whether it was said though nothing was new: then it is repeated at the device's own moment. */
  readonly repeated: boolean
  /** The channels on which it had left its peers. */
  readonly apart: string
  /** The sum of all counters: each of them only grows, so it is the same only where all of them are. */
  readonly counted: number
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
  share?: number,
): StatusFlow {
  if (flow === undefined) return flowOf(status, now, true)
  if (now < statusDueAt(flow, status, policy, share)) return flow
  return flowOf(status, now, sameState(flow, status) && sameCounts(flow, status))
}

/**
 * When the status is to be published if it stays as it is. `share`: where in the time between two repetitions the device's
 * own moment lies, 0 to 1, so that not all of those are repeated together that were said together, as at a birth; default:
 * nowhere.
 */
export function statusDueAt(
  flow: StatusFlow,
  status: DeviceStatus,
  policy: StatusFlowPolicy,
  share?: number,
): number {
  if (!sameState(flow, status)) return flow.at + policy.minIntervalMs
  const refresh = Math.min(policy.refreshMs, flow.ttlMs * REFRESH_SHARE)
  if (!sameCounts(flow, status)) return flow.at + Math.min(policy.countersMs, refresh)
  if (share === undefined || !flow.repeated) return flow.at + refresh
  const late = (flow.at + (1 - share) * refresh) % refresh
  return flow.at + Math.max(policy.minIntervalMs, refresh - late)
}

/** The flow after a status was published; `repeated`: with nothing new in it, or all of it. */
export const flowOf = (status: DeviceStatus, at: number, repeated = false): StatusFlow => ({
  at,
  repeated,
  health: status.health,
  circuit: status.circuit,
  sync: status.sync,
  online: status.online,
  since: status.since,
  lastSeen: status.lastSeen,
  ttlMs: status.ttlMs,
  cause: status.cause,
  message: status.message,
  apart: apartOf(status),
  counted: countedIn(status),
})

/** `ttlMs` follows the interval as that is learned: it moves with every frame and is no news. */
const sameState = (a: StatusFlow, b: DeviceStatus): boolean =>
  a.health === b.health &&
  a.circuit === b.circuit &&
  a.sync === b.sync &&
  a.online === b.online &&
  a.since === b.since &&
  a.cause === b.cause &&
  a.message === b.message &&
  a.apart === apartOf(b)

const sameCounts = (a: StatusFlow, b: DeviceStatus): boolean =>
  a.lastSeen === b.lastSeen && a.counted === countedIn(b)

const apartOf = ({ leftPeers }: DeviceStatus): string => leftPeers?.join() ?? ''

const countedIn = ({ frames, readings, resync, bytes }: DeviceStatus): number =>
  frames.received +
  frames.decoded +
  frames.lost +
  frames.duplicate +
  frames.late +
  frames.rejected +
  frames.skipped +
  readings.good +
  readings.uncertain +
  readings.bad +
  resync.requested +
  resync.completed +
  bytes.in
