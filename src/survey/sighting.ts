import type { Integrity } from '../framing/index.js'

/** One frame as it was seen on its way, bare. */
export interface Sighting {
  readonly bytes: Uint8Array
  /** Arrival, monotonic milliseconds; where a file tells no times, all are the same. */
  readonly mono: number
  readonly integrity: Integrity
}
