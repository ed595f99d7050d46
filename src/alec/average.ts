/** What a new value weighs in the average. */
export const ALPHA = 0.3
const KEEP = 1 - ALPHA

/** From so many observations on a device predicts by its average, before by its last value. */
export const SETTLED = 3

/**
 * The device's average after it has observed `value`, in its own order of operations. Each operation is
 * monotone and so is its rounding: the ends of an interval give the ends of the next one without any slack,
 * and an interval of one point stays one, bit for bit.
 */
export const average = (value: number, before: number): number => ALPHA * value + KEEP * before

/** A device's average: it lies in [lo, hi], and a plain decoder would take it for `point`. */
export class AverageInterval {
  point = 0
  lo = 0
  hi = 0

  set(point: number, lo: number, hi: number): void {
    this.point = point
    this.lo = lo
    this.hi = hi
  }

  /**
   * The device observes something in [lo, hi], as its `first` value, as a later one, or nobody knows
   * (`either`). The point does not move here: see `follow`.
   */
  observe(lo: number, hi: number, which: 'first' | 'later' | 'either'): void {
    if (which === 'first') {
      this.lo = lo
      this.hi = hi
    } else {
      const least = average(lo, this.lo)
      const most = average(hi, this.hi)
      this.lo = which === 'either' ? Math.min(lo, least) : least
      this.hi = which === 'either' ? Math.max(hi, most) : most
    }
    this.#keepInside()
  }

  /** Both the average and the value are known to the bit. */
  step(value: number): void {
    this.point = average(value, this.lo)
    this.lo = this.point
    this.hi = this.point
  }

  /** It lies in [lo, hi], whatever was known before. */
  replace(lo: number, hi: number): void {
    this.lo = lo
    this.hi = hi
    this.#keepInside()
  }

  /** A plain decoder observes `value`, before `observe`. */
  follow(value: number, first: boolean): void {
    this.point = first ? value : average(value, this.point)
  }

  /** It is known to lie in [lo, hi] too; ignored where that cannot be. */
  narrow(lo: number, hi: number): void {
    const least = Math.max(this.lo, lo)
    const most = Math.min(this.hi, hi)
    if (least > most) return
    this.lo = least
    this.hi = most
    this.#keepInside()
  }

  /** What was possible before stays possible. */
  widen(lo: number, hi: number): void {
    this.lo = Math.min(this.lo, lo)
    this.hi = Math.max(this.hi, hi)
  }

  /** NaN stays what it is. */
  #keepInside(): void {
    this.point = Math.min(Math.max(this.point, this.lo), this.hi)
  }
}
