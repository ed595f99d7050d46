import type { Cause, DeviceEvent, ModelSpec, Quality, SyncState } from '../../device/index.js'
import type {
  CircuitState,
  DegradationLevel,
  HealthCheck,
  HealthStatus,
} from '../../resilience/index.js'

// What the page gets, as the bridge writes it: JSON, in which a number that is none is null.

/** First, and again when something of it changes. */
export interface BridgeMessage {
  readonly id: string
  readonly version: string
  /** A token was needed to come in: there is something to log out of. */
  readonly guarded: boolean
  readonly models: Readonly<Record<string, readonly ChannelFacts[]>>
}

export interface ChannelFacts {
  readonly name: string
  readonly unit?: string
  readonly quantity?: string
  /** The decimal as written. */
  readonly resolution?: string
}

/** One device as the grid shows it; always whole, so that the last one is what counts. */
export interface DeviceRow {
  readonly id: string
  /** A name for people. */
  readonly name?: string
  readonly model: string
  readonly health: HealthStatus
  readonly circuit: CircuitState
  readonly sync: SyncState
  readonly online: boolean
  /** Unix milliseconds. */
  readonly lastSeen: number | null
  readonly ttlMs: number
  readonly cause: Cause | null
  readonly message: string
  /** The door of its last frame. */
  readonly source: string
  readonly received: number
  readonly lost: number
  readonly rejected: number
  /** Nothing vouches for the bytes of its last frame. */
  readonly unvouched?: true
  readonly last?: LastReading
}

export interface LastReading {
  readonly at: number
  readonly epoch: number
  readonly seq: number
  readonly quality: Quality
  readonly values: readonly LastValue[]
}

/** Bound null: nothing is known of it. */
export type LastValue = readonly [
  name: string,
  value: number | null,
  bound: number | null,
  quality: Quality,
]

export interface EventMessage {
  readonly device: string
  readonly event: DeviceEvent
}

export interface SystemMessage {
  /** Unix milliseconds, by the bridge's clock. */
  readonly at: number
  readonly health: HealthStatus
  readonly degradation: DegradationLevel
  readonly checks: readonly Omit<HealthCheck, 'checkedAt'>[]
  readonly sources: readonly SourceMessage[]
  readonly broker: {
    readonly queuedMessages: number
    readonly queuedBytes: number
    readonly acknowledged: number
    readonly dropped: number
  }
  readonly unknown: { readonly frames: number; readonly latest: readonly string[] }
}

export interface SourceMessage {
  readonly id: string
  readonly state: 'stopped' | 'opening' | 'open' | 'away'
  /** Why it is away, or what is wrong with what comes. */
  readonly trouble?: string
  readonly framesIn: number
  readonly bytesIn: number
  readonly discardedBytes: number
  readonly rejected: number
}

/** One device in full; first on its own feed. */
export interface DeviceMessage {
  readonly id: string
  readonly name?: string
  readonly model: string
  readonly spec: ModelSpec
  /** A reading is good when its bound is at most this; by channel. */
  readonly tolerances: readonly number[]
}

/** Points of a device's channels, in the order of time; by column. */
export interface PointsMessage {
  /** Unix milliseconds. */
  readonly at: readonly number[]
  readonly epoch: readonly number[]
  readonly seq: readonly number[]
  /** In the order of the model's channels. */
  readonly channels: readonly ChannelPoints[]
}

export interface ChannelPoints {
  readonly values: readonly (number | null)[]
  readonly bounds: readonly (number | null)[]
  /** One letter a point: `g`ood, `u`ncertain, `b`ad, `-` where the frame did not carry the channel. */
  readonly qualities: string
}

export interface FrameMessage {
  /** Counts up by one per frame of the device. */
  readonly number: number
  readonly at: number
  /** Empty where the frame is too long to be kept. */
  readonly hex: string
  readonly length: number
  readonly verdict: 'readings' | 'fault' | 'skipped'
  /** `compact`, `keyframe`, `standard`; the fault's code; why it was skipped. */
  readonly what: string
  readonly quality?: Quality
  readonly seq?: number
}

/** What each event of the fleet's feed carries. */
export interface FleetMessages {
  readonly bridge: BridgeMessage
  readonly rows: readonly DeviceRow[]
  readonly removed: readonly string[]
  /** All devices have been told. */
  readonly ready: { readonly devices: number }
  readonly events: readonly EventMessage[]
  readonly system: SystemMessage
}

/** What each event of one device's feed carries. */
export interface DeviceMessages {
  readonly device: DeviceMessage
  readonly points: PointsMessage
  readonly frames: readonly FrameMessage[]
  readonly events: readonly EventMessage[]
}
