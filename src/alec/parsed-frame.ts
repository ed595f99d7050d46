export type MessageType =
  | 'data'
  | 'sync'
  | 'request'
  | 'response'
  | 'ack'
  | 'nack'
  | 'heartbeat'
  | 'fixed-channel'

/** P1 critical … P5 disposable. */
export type Priority = 1 | 2 | 3 | 4 | 5

/** What a device's configuration says about its frames: it is not on the wire. */
export type FrameShape =
  | { readonly family: 'compact'; readonly channels: number }
  | { readonly family: 'standard'; readonly checksum: boolean }

/**
 * One frame taken apart, before anything is observed: filled by `parseFrame`, reused from frame to frame.
 * Columns hold `count` entries in wire order.
 */
export class ParsedFrame {
  family: 'compact' | 'standard' = 'compact'
  keyframe = false
  messageType: MessageType = 'data'
  /** 0 where the family has none. */
  priority: Priority | 0 = 0
  /** u16. */
  sequence = 0
  /** The encoder's context version before it observed this frame, its low 16 (compact) or 24 bits. */
  version = 0
  /** Unix seconds; -1 where the family has none. */
  timestamp = -1
  multi = false
  /** The source of a standard data frame; a multi frame's entries do not use it as their key. */
  sourceId = 0
  /** Where the payload begins, for messages other than data. */
  payloadOffset = 0
  /** Where the payload ends (before a checksum). */
  payloadEnd = 0
  count = 0
  /** Context key of each entry. */
  readonly keys = new Uint32Array(256)
  /** `Encoding` codes. */
  readonly encodings = new Uint8Array(256)
  /** Raw value, delta, or pattern code. */
  readonly numbers = new Float64Array(256)
  /** The delta of a PatternDelta, else 0. */
  readonly patternDeltas = new Int8Array(256)
  /** Byte offset of each entry's value, for faults and explanations. */
  readonly offsets = new Uint16Array(256)
}
