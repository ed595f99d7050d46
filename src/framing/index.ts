export type { Crc } from './checksum.js'
export type { FlushReason } from './cutter.js'
export type { DiscardReason, FramerCounters } from './discard.js'
export type { Frame, Integrity, UnreadFrame } from './frame.js'
export type { OnFrame } from './frame-check.js'
export { Framer } from './framer.js'
export {
  type Framing,
  formatProblems,
  type LineFormat,
  LineFormatError,
  longestFrame,
} from './line-format.js'
export { idleGapMs, longestFrameMs } from './line-times.js'
export { wrapFrame } from './wrap-frame.js'
