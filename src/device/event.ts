import type { CircuitState } from '../resilience/circuit-breaker.js'
import type { HealthStatus } from '../resilience/health.js'

export type Severity = 'info' | 'warning' | 'error'

/** Something that happened to a device and that people or programs may want to hear of. */
export type DeviceEvent = {
  /** Unix milliseconds. */
  readonly wall: number
  readonly severity: Severity
} & (
  | {
      readonly type: 'gap'
      readonly epoch: number
      readonly fromSeq: number
      readonly toSeq: number
      readonly count: number
    }
  | {
      /** Readings that were in the journal and will never be published. */
      readonly type: 'readings_dropped'
      /** `<epoch>/<seq>` of the first and the last; empty where the frames were not decoded. */
      readonly fromKey: string
      readonly toKey: string
      readonly count: number
      readonly reason: string
    }
  | { readonly type: 'reboot'; readonly epoch: number; readonly message: string }
  | {
      readonly type: 'state_unknown'
      readonly epoch: number
      readonly cause: Cause
      readonly message: string
    }
  | { readonly type: 'resync_requested'; readonly reason: string }
  | { readonly type: 'resynchronised'; readonly frames: number }
  | {
      readonly type: 'wrong_declaration'
      readonly channel: string
      readonly cause: Cause
      readonly message: string
    }
  | { readonly type: 'not_finite'; readonly channel: string; readonly value: string }
  | {
      /** The patterns that the device uses for values are known here, or not any more. */
      readonly type: 'dictionary_synchronised' | 'dictionary_diverged'
      readonly message: string
    }
  | { readonly type: 'conflict'; readonly seq: number; readonly message: string }
  | {
      readonly type: 'decode_error'
      readonly code: string
      readonly offset: number
      readonly description: string
      readonly frame: string
    }
  | {
      readonly type: 'circuit_opened' | 'circuit_half_opened' | 'circuit_closed'
      readonly circuit: CircuitState
      readonly reason: string
    }
  | { readonly type: 'health_changed'; readonly from: HealthStatus; readonly to: HealthStatus }
  | { readonly type: 'silent'; readonly silentMs: number }
  | { readonly type: 'returned'; readonly silentMs: number }
  | { readonly type: 'flooding'; readonly dropped: number }
  | {
      /** The mean of one channel is too far from those of the other devices of its model, or is back among them. */
      readonly type: 'left_peers' | 'rejoined_peers'
      readonly channel: string
      readonly mean: number
      readonly peersMean: number
      /** What one standard deviation is here. */
      readonly deviation: number
      /** How many others there are. */
      readonly peers: number
    }
  | { readonly type: 'internal_error'; readonly message: string }
)

/** Why a device is not exact, or not well: the `cause` of its status. */
export type Cause =
  | 'started-mid-stream'
  | 'line-noise'
  | 'lost-frames'
  | 'device-reboot'
  | 'foreign-state'
  | 'wrong-resolution'
  | 'wrong-range'
  | 'wrong-max-step'
  | 'wrong-channel-count'
  | 'not-finite'
  | 'silent'
  | 'flooding'
  | 'port-away'
  | 'clock-unsynced'
  | 'internal-error'
