import type { Integrity } from '../framing/index.js'

/** A frame as a capture has it. */
export interface CapturedFrame {
  readonly device: string
  readonly bytes: Uint8Array
  /** Arrival, Unix milliseconds. */
  readonly wall: number
  /** The same moment in milliseconds that never go back; comparable within one capture. */
  readonly mono: number
  readonly integrity: Integrity
}
