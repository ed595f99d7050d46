import type { Quality, SkipReason } from './verdict.js'

/** The counters as they are kept over a restart. */
export type TallyMemory = Pick<
  Tally,
  | 'received'
  | 'decoded'
  | 'rejected'
  | 'duplicate'
  | 'late'
  | 'skipped'
  | 'bytesIn'
  | 'resyncRequested'
  | 'resyncCompleted'
> & { readonly readings: Readonly<Record<Quality, number>> }

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

  save(): TallyMemory {
    const { received, decoded, rejected, duplicate, late, skipped, bytesIn } = this
    const { resyncRequested, resyncCompleted, readings } = this
    const frames = { received, decoded, rejected, duplicate, late, skipped, bytesIn }
    return { ...frames, resyncRequested, resyncCompleted, readings: { ...readings } }
  }

  restore(memory: TallyMemory): void {
    const { readings, ...counters } = memory
    Object.assign(this, counters)
    Object.assign(this.readings, readings)
  }
}
