/**
 * Why bytes did not become a frame.
 * `syncing`: the rest of a frame that began before we listened, or noise at opening; no error.
 * `filler`: delimiters with nothing between them; no error.
 * `incomplete`: the line went quiet, or closed, in the middle of a frame.
 */
export type DiscardReason =
  | 'syncing'
  | 'filler'
  | 'incomplete'
  | 'crc'
  | 'too-long'
  | 'too-short'
  | 'bad-stuffing'
  | 'not-hex'

/** `bytesIn` is always exactly `bytesInFrames` + all of `discardedBytes` + `Framer.pending`. */
export interface FramerCounters {
  readonly bytesIn: number
  readonly framesOut: number
  /** Wire bytes of the delivered frames: delimiters, stuffing, length, address and CRC included. */
  readonly bytesInFrames: number
  /** Wire bytes thrown away, by reason. */
  readonly discardedBytes: Readonly<Record<DiscardReason, number>>
  /** Damaged frames, by reason: one for each stretch of bytes that should have been one. */
  readonly discardedFrames: Readonly<Record<DiscardReason, number>>
}

const noDiscards = (): Record<DiscardReason, number> => ({
  syncing: 0,
  filler: 0,
  incomplete: 0,
  crc: 0,
  'too-long': 0,
  'too-short': 0,
  'bad-stuffing': 0,
  'not-hex': 0,
})

/** Counts what becomes of the bytes. */
export class Tally {
  bytesIn = 0
  framesOut = 0
  bytesInFrames = 0
  readonly discardedBytes = noDiscards()
  readonly discardedFrames = noDiscards()

  snapshot(): FramerCounters {
    return {
      bytesIn: this.bytesIn,
      framesOut: this.framesOut,
      bytesInFrames: this.bytesInFrames,
      discardedBytes: { ...this.discardedBytes },
      discardedFrames: { ...this.discardedFrames },
    }
  }
}
