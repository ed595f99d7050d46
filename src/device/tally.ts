import type { Quality, SkipReason } from './verdict.js'

/** A device's counters: every received frame ends in exactly one of decoded, rejected, duplicate, late, skipped. */
export class Tally {
  received = 0
  decoded = 0
  rejected = 0
  duplicate = 0
  late = 0
  skipped = 0
  bytesIn = 0
  readonly readings: Record<Quality, number> = { good: 0, uncertain: 0, bad: 0 }
  resyncRequested = 0
  resyncCompleted = 0

  skip(why: SkipReason): void {
    if (why === 'duplicate') this.duplicate++
    else if (why === 'late') this.late++
    else this.skipped++
  }
}
