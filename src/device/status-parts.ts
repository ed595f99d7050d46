import type { CircuitState } from '../resilience/index.js'
import type { DeviceHealth } from './device-health.js'
import type { Peer } from './peer.js'
import type { Presence } from './presence.js'
import type { DeviceStatus } from './status.js'
import type { DeviceStream } from './stream.js'
import type { Tally } from './tally.js'

/** What a status is read off. */
interface Parts {
  readonly device: string
  readonly presence: Presence
  readonly peer: Peer | undefined
  readonly health: DeviceHealth
  readonly circuit: CircuitState
  readonly tally: Tally
  readonly stream: DeviceStream
  readonly ttlMs: number
}

export function statusOf(parts: Parts): DeviceStatus {
  const { device, presence, peer, health, circuit, tally, stream, ttlMs } = parts
  return {
    device,
    health: health.status,
    circuit,
    sync: stream.sync.state,
    online: presence.online,
    since: health.since,
    lastSeen: presence.lastWall,
    ttlMs,
    ...(!presence.isVouched && { integrity: 'none' }),
    ...(peer?.isApart && { leftPeers: peer.apart }),
    cause: health.assessment.cause,
    message: health.assessment.message,
    frames: {
      received: tally.received,
      decoded: tally.decoded,
      lost: stream.lost,
      duplicate: tally.duplicate,
      late: tally.late,
      rejected: tally.rejected,
      skipped: tally.skipped,
    },
    readings: { ...tally.readings },
    resync: { requested: tally.resyncRequested, completed: tally.resyncCompleted },
    bytes: { in: tally.bytesIn },
  }
}
