import type { CircuitState } from '../resilience/circuit-breaker.js'
import type { HealthStatus } from '../resilience/health.js'
import type { Cause } from './event.js'

/** `exact`: every channel's u is 0. `bounded`: every bound within tolerance. `recovering`: state known, some bound outside. */
export type SyncState = 'exact' | 'bounded' | 'recovering' | 'unknown'

/** All that the status topics say of one device; a copy, safe to keep. */
export interface DeviceStatus {
  readonly device: string
  readonly health: HealthStatus
  readonly circuit: CircuitState
  readonly sync: SyncState
  /** Heard within its ttl. */
  readonly online: boolean
  /** Since when the health is what it is, Unix milliseconds. */
  readonly since: number
  /** Last accepted frame, Unix milliseconds. */
  readonly lastSeen: number | null
  /** Longest silence that is no absence. */
  readonly ttlMs: number
  /** Nothing vouches for the bytes of its last frame: a line without a checksum. */
  readonly integrity?: 'none'
  /** The channels on which it has left its peers; absent where there are none. */
  readonly leftPeers?: readonly string[]
  readonly cause: Cause | null
  readonly message: string
  readonly frames: {
    readonly received: number
    readonly decoded: number
    readonly lost: number
    readonly duplicate: number
    readonly late: number
    readonly rejected: number
    readonly skipped: number
  }
  readonly readings: { readonly good: number; readonly uncertain: number; readonly bad: number }
  readonly resync: { readonly requested: number; readonly completed: number }
  readonly bytes: { readonly in: number }
}
