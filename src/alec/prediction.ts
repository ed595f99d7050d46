import type { AverageInterval } from './average.js'
import type { Interval, PredictedBy, PredictionView } from './estimate.js'
import type { ObservationCount } from './observation-count.js'

/** Whether a number in the device may be NaN or ±∞: `perhaps` after a loss, until a delta disproves it. */
export type Poison = 'no' | 'perhaps' | 'yes'

/** What a device predicts: it lies in [lo, hi], and a plain decoder would take it for `point`. */
export class Prediction {
  /** `nothing` where it has no number to predict. */
  by: PredictedBy | 'nothing' = 'nothing'
  point = 0
  lo = 0
  hi = 0
  /** The device may have NaN in its place; then it sends the delta 0 whatever it measures. */
  mayBeNaN = false

  /** By its average once it has observed often enough, before by its last value, which is taken for `point`. */
  make(
    count: ObservationCount,
    average: Readonly<AverageInterval>,
    last: Interval,
    point: number,
  ): void {
    this.mayBeNaN = false
    if (count.settled) {
      this.by = 'average'
      this.point = average.point
      this.lo = average.lo
      this.hi = average.hi
      return
    }
    this.by = count.none ? 'nothing' : 'last'
    this.point = point
    this.lo = last.lo
    this.hi = last.hi
    if (count.exactly) return
    this.by = 'either'
    this.lo = Math.min(this.lo, average.lo)
    this.hi = Math.max(this.hi, average.hi)
  }

  /** It is made of a number that may be none. */
  doubt(poison: Poison): void {
    if (poison === 'no') return
    this.mayBeNaN = true
    if (poison === 'yes') this.by = 'nothing'
  }

  describe(): PredictionView | undefined {
    const { by, point, lo, hi, mayBeNaN } = this
    return by === 'nothing' ? undefined : { by, point, lo, hi, mayBeNaN }
  }
}
