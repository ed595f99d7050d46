import type { SourceCounters } from './source.js'

/** Counts what a door does with what comes through it. */
export class SourceTally {
  bytesIn = 0
  framesIn = 0
  bytesInFrames = 0
  opened = 0
  downlinksSent = 0
  downlinksRefused = 0
  downlinksLost = 0
  readonly discardedBytes = new ReasonCounts()
  readonly rejected = new ReasonCounts()

  snapshot(): SourceCounters {
    return {
      bytesIn: this.bytesIn,
      framesIn: this.framesIn,
      bytesInFrames: this.bytesInFrames,
      discardedBytes: this.discardedBytes.snapshot(),
      rejected: this.rejected.snapshot(),
      opened: this.opened,
      downlinksSent: this.downlinksSent,
      downlinksRefused: this.downlinksRefused,
      downlinksLost: this.downlinksLost,
    }
  }
}

/** Counts by reason; reasons that never came are not listed. */
export class ReasonCounts {
  readonly #counts = new Map<string, number>()

  add(reason: string, by = 1): void {
    if (by > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + by)
  }

  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
