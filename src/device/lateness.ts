/** A frame behind a gap that comes so much too soon, in intervals, shows that it was held up with those before it. */
const TOO_SOON = 0.5
/** More intervals than this are not held against a device: one that is not regular would never be trusted. */
const MOST_INTERVALS = 16

/**
 * How much later a device's last frame may have come than it was sent. A frame that was held up on its way comes
 * close before the next one, and hides how long the device was silent: what counts is when it should have come,
 * an interval after the frame before it. Where frames are missing, and the next one comes sooner than they can have been
 * sent, nobody knows for how long it was held. A device that keeps its interval has next to no lateness; one that sends
 * faster than it was declared to, and of which nothing is missing, is not distrusted for that.
 */
export class Lateness {
  #ms = 0

  get ms(): number {
    return this.#ms
  }

  set ms(value: number) {
    this.#ms = value
  }

  /** A frame has come, `frames` after the last one, `silenceMs` after it came. */
  observe(frames: number, silenceMs: number, intervalMs: number): void {
    const most = MOST_INTERVALS * intervalMs
    const ms = this.#ms + silenceMs - frames * intervalMs
    const held = frames > 1 && silenceMs < (frames - TOO_SOON) * intervalMs && ms < 0
    this.#ms = held ? most : Math.min(Math.max(0, ms), most)
  }

  /** A frame has come of which nobody knows how many were before it. */
  reset(): void {
    this.#ms = 0
  }
}
