/** A frame that comes so much sooner than it can have been sent, in intervals, was held up with the one before it. */
const TOO_SOON = 0.5
/**
 * A lateness that nobody knows, in intervals. More are not held against a device: one that sends faster than it was
 * declared to, and loses frames, would never be trusted.
 */
const UNKNOWN_INTERVALS = 16

/**
 * How much later a device's last frame may have come than it was sent. A frame that was held up on its way comes
 * close before the next one, and hides how long the device was silent: what counts is when it should have come,
 * an interval after the frame before it. What holds frames up lets them go together: a frame that comes in its time behind
 * another was sent after that had come. So a device that keeps its interval, or is slower, has next to no lateness. Where
 * frames are missing, and the next one comes sooner than they can have been sent, nobody knows for how long it was held;
 * a device that sends faster than it was declared to, and of which nothing is missing, is not distrusted for that.
 * All times are milliseconds.
 */
export class Lateness {
  #ms = 0

  get ms(): number {
    return this.#ms
  }

  set ms(value: number) {
    this.#ms = value
  }

  /**
   * A frame has come, `frames` after the last one, `silenceMs` after it came. An interval of 0 is none that was declared:
   * one that was learned follows the frames, late ones too, and cannot be held against them.
   */
  observe(frames: number, silenceMs: number, intervalMs: number): void {
    const ms = this.#ms + silenceMs - frames * intervalMs
    if (intervalMs === 0) this.#ms = 0
    else if (!isTooSoon(frames, silenceMs, intervalMs))
      this.#ms = Math.min(Math.max(0, ms), silenceMs)
    else if (frames > 1 && ms < 0) this.#ms = UNKNOWN_INTERVALS * intervalMs
    else this.#ms = Math.max(0, ms)
  }

  /** A frame has come of which nobody knows how many were before it: it may have been sent just behind the last one. */
  observeUnknown(silenceMs: number, intervalMs: number): void {
    // Before the very first one there was nothing that it could be mistaken for.
    if (intervalMs === 0 || !Number.isFinite(silenceMs)) this.#ms = 0
    else if (isTooSoon(1, silenceMs, intervalMs)) this.#ms += silenceMs
    else this.#ms = silenceMs
  }

  /** A device's first frame has come: it begins anew. */
  reset(): void {
    this.#ms = 0
  }
}

/** Whether the last of so many frames, sent an interval apart, comes sooner behind what came before them than it can have been sent. */
export const isTooSoon = (frames: number, silenceMs: number, intervalMs: number): boolean =>
  silenceMs < (frames - TOO_SOON) * intervalMs
