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

  /** What few devices count, in one number where there is nothing of it. */
  pack(parcel: Parcel): void {
    parcel.put(this.received)
    parcel.put(this.decoded)
    parcel.put(this.bytesIn)
    parcel.put(this.readings.good)
    parcel.putUsual(this.readings.uncertain, 0)
    const { rejected, duplicate, late, skipped, readings, resyncRequested, resyncCompleted } = this
    const sum = rejected + duplicate + late + skipped + resyncRequested + resyncCompleted
    const isPlain = sum + readings.bad === 0
    parcel.putFlag(isPlain)
    if (isPlain) return
    parcel.put(rejected)
    parcel.put(duplicate)
    parcel.put(late)
    parcel.put(skipped)
    parcel.put(readings.bad)
    parcel.put(resyncRequested)
    parcel.put(resyncCompleted)
  }

  unpack(parcel: Parcel): void {
    this.received = parcel.take()
    this.decoded = parcel.take()
    this.bytesIn = parcel.take()
    this.readings.good = parcel.take()
    this.readings.uncertain = parcel.takeUsual(0)
    const isPlain = parcel.takeFlag()
    this.rejected = isPlain ? 0 : parcel.take()
    this.duplicate = isPlain ? 0 : parcel.take()
    this.late = isPlain ? 0 : parcel.take()
    this.skipped = isPlain ? 0 : parcel.take()
    this.readings.bad = isPlain ? 0 : parcel.take()
    this.resyncRequested = isPlain ? 0 : parcel.take()
    this.resyncCompleted = isPlain ? 0 : parcel.take()
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
