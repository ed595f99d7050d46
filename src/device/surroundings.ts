import type { BucketPolicy, CircuitPolicy } from '../resilience/index.js'

export interface SessionPolicy {
  readonly circuit: CircuitPolicy
  readonly flood: BucketPolicy
}

/** Monotonic and Unix milliseconds. */
export interface Moment {
  readonly mono: number
  readonly wall: number
}

/** When a device became known. */
export interface Born extends Moment {
  /** The epoch before its first one; greater than any that was used before, where that is forgotten. */
  readonly epochBase?: number
}

/** What a session must be told of the world to judge its device. */
export interface Surroundings extends Moment {
  /** The door that the device's frames come in by is open. */
  readonly linkUp: boolean
  /** Much of what comes by that door is noise. */
  readonly lineNoisy: boolean
  readonly clockSynced: boolean
  /** When devices were looked at before, monotonic milliseconds: this one, or it was not worth a look. */
  readonly sweptAt?: number
  /** How much of the time since the last sweep nobody could hear anything, as while the machine slept. */
  readonly deafMs?: number
}

/** What nobody could hear since the start, in all, milliseconds: of all devices of a bridge at once. */
export interface Ears {
  deafMs: number
}
