import type { DeviceStatus } from '../device/index.js'
import type { DeviceTopics } from './device-topics.js'
import { isoTime } from './iso-time.js'
import { type Publication, retained } from './publication.js'

/** Who says it, and when: Unix milliseconds. */
export interface StatusContext {
  /** The bridge's id. */
  readonly bridge: string
  readonly wall: number
  /** False leaves the counters out: what is shed under pressure. */
  readonly details: boolean
}

/**
 * What is new of a device: its status, and of availability, health and circuit those that differ from
 * `published`; all of them where nothing was published on this connection yet.
 */
export function statusPublications(
  status: DeviceStatus,
  published: Pick<DeviceStatus, 'online' | 'health' | 'circuit'> | undefined,
  topics: DeviceTopics,
  context: StatusContext,
): Publication[] {
  const publications: Publication[] = []
  if (status.online !== published?.online) {
    publications.push(retained(topics.availability, status.online ? 'online' : 'offline'))
  }
  const document = statusDocument(status, context)
  publications.push({
    ...retained(topics.status, JSON.stringify(document)),
    expirySeconds: document.ttl,
  })
  if (status.health !== published?.health) publications.push(retained(topics.health, status.health))
  if (status.circuit !== published?.circuit) {
    publications.push(retained(topics.circuit, status.circuit))
  }
  return publications
}

/** A device's status as its topic and the snapshot show it. */
export function statusDocument(status: DeviceStatus, context: StatusContext) {
  return {
    ts: isoTime(context.wall),
    ttl: Math.ceil(status.ttlMs / 1000),
    bridge: context.bridge,
    health: status.health,
    circuit: status.circuit,
    sync: status.sync,
    since: isoTime(status.since),
    last_seen: status.lastSeen === null ? null : isoTime(status.lastSeen),
    ...(status.integrity !== undefined && { integrity: status.integrity }),
    ...(status.leftPeers !== undefined && { left_peers: status.leftPeers }),
    cause: status.cause,
    message: status.message,
    ...(context.details && detailsOf(status)),
  }
}

/** Picked one by one, so that what the device's room adds is not published by accident. */
function detailsOf({ frames, readings, resync, bytes }: DeviceStatus) {
  const { received, decoded, lost, duplicate, late, rejected, skipped } = frames
  const { good, uncertain, bad } = readings
  return {
    frames: { received, decoded, lost, duplicate, late, rejected, skipped },
    readings: { good, uncertain, ...(bad > 0 && { bad }) },
    resync: { requested: resync.requested, completed: resync.completed },
    bytes: { in: bytes.in },
  }
}
