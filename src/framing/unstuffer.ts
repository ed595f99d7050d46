import type { DiscardReason } from './discard.js'

/** Undoes one kind of stuffing, byte by byte, into a buffer of fixed size that is used again and again. */
export interface Unstuffer {
  /** The unstuffed bytes of the frame under way are the first `length` of these. */
  readonly buffer: Uint8Array
  readonly length: number
  /**
   * Takes bytes from `at` on; returns the index of the first one not taken: the delimiter, a byte that
   * makes the frame impossible (`fault` says why), or the chunk's end.
   */
  take(chunk: Uint8Array, at: number): number
  /** Why the last `take` stopped before a delimiter or the chunk's end. */
  readonly fault: DiscardReason | undefined
  /** What is wrong with a frame that ends here. */
  faultAtEnd(): DiscardReason | undefined
  /** Index of the next delimiter from `at` on, or the chunk's length. */
  skip(chunk: Uint8Array, at: number): number
  /** Forgets the frame under way. */
  reset(): void
}

/** Index of the first `delimiter` from `at` on, or the chunk's length. */
export function indexOrEnd(chunk: Uint8Array, delimiter: number, at: number): number {
  const found = chunk.indexOf(delimiter, at)
  return found < 0 ? chunk.length : found
}
