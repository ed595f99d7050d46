/** What vouches for a frame's bytes: a checksum of the line, the broker's TCP session, or nothing. */
export type Integrity = 'crc32' | 'crc16' | 'none' | 'mqtt'

/** A frame of which no more is known yet than its first byte, its length in bytes, and when it came (monotonic milliseconds). */
export interface UnreadFrame {
  readonly marker: number
  readonly length: number
  readonly mono: number
}

/** One ALEC frame as it came through a door, with its own times, so that nothing inside reads a clock. */
export interface Frame {
  /** A validated device id. */
  readonly device: string
  /** The bare ALEC frame; the frame owns these bytes, nobody writes to them again. */
  readonly bytes: Uint8Array
  /** Arrival, monotonic milliseconds. */
  readonly mono: number
  /** Arrival, Unix milliseconds. */
  readonly wall: number
  readonly integrity: Integrity
  /** Id of the door it came through. */
  readonly source: string
  /** Its number in the journal, once it is in there. */
  readonly ordinal?: number
}
