import type { LineFormat } from './line-format.js'

// Start bit, eight data bits, parity and two stop bits: the longest a byte gets.
const bitsPerByte = 12

/** Milliseconds of silence after which an unfinished frame will not be finished: 20 byte times, at least 50 ms. */
export const idleGapMs = (baudRate: number): number =>
  Math.max(50, (20 * bitsPerByte * 1000) / baudRate)

/** Milliseconds that the longest frame takes on the line, sent without a pause. */
export const longestFrameMs = (
  { framing, maxFrame }: Pick<LineFormat, 'framing' | 'maxFrame'>,
  baudRate: number,
): number => ((framing === 'hex' ? 2 : 1) * maxFrame * bitsPerByte * 1000) / baudRate
