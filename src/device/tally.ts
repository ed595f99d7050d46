import type { Parcel } from './parcel.js'
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

  pack(parcel: Parcel): void {
    parcel.put(this.received)
    parcel.put(this.decoded)
    parcel.put(this.rejected)
    parcel.put(this.duplicate)
    parcel.put(this.late)
    parcel.put(this.skipped)
    parcel.put(this.bytesIn)
    parcel.put(this.readings.good)
    parcel.put(this.readings.uncertain)
    parcel.put(this.readings.bad)
    parcel.put(this.resyncRequested)
    parcel.put(this.resyncCompleted)
  }

  unpack(parcel: Parcel): void {
    this.received = parcel.take()
    this.decoded = parcel.take()
    this.rejected = parcel.take()
    this.duplicate = parcel.take()
    this.late = parcel.take()
    this.skipped = parcel.take()
    this.bytesIn = parcel.take()
    this.readings.good = parcel.take()
    this.readings.uncertain = parcel.take()
    this.readings.bad = parcel.take()
    this.resyncRequested = parcel.take()
    this.resyncCompleted = parcel.take()
  }

  save(): TallyMemory {
    const { received, decoded, rejected, duplicate, late, skipped, bytesIn } = this
    const { resyncRequested, resyncCompleted, readings } = this
    const { good, uncertain, bad } = readings
    return {
      received,
      decoded,
      rejected,
      duplicate,
      late,
      skipped,
      bytesIn,
      resyncRequested,
      resyncCompleted,
      readings: { good, uncertain, bad },
    }
  }

  restore(memory: TallyMemory): void {
    const { readings, ...counters } = memory
    Object.assign(this, counters)
    Object.assign(this.readings, readings)
  }
}
