/** A mark's square must be an exact integer. */
export const GREATEST_MARK = 2 ** 26
const LIMB = 2 ** 52

/**
 * Count, sum and sum of squares of the marks of many devices. Marks are integers and all sums exact, so they are those
 * of the marks that are in them now, whatever came and went before and in whichever order: nothing drifts over the
 * years, and after a restart they are the same to the bit.
 */
export class PeerSums {
  count = 0
  #sum = 0
  // The sum of squares is high · 2⁵² + low, with 0 ≤ low < 2⁵².
  #low = 0
  #high = 0

  /** `mark` is an integer of at most `GREATEST_MARK` either way. */
  add(mark: number): void {
    this.count++
    this.#sum += mark
    this.#low += mark * mark
    if (this.#low >= LIMB) {
      this.#low -= LIMB
      this.#high++
    }
  }

  /** Takes out one that was added. */
  remove(mark: number): void {
    this.count--
    this.#sum -= mark
    this.#low -= mark * mark
    if (this.#low < 0) {
      this.#low += LIMB
      this.#high--
    }
  }

  /** Of all marks; NaN where there is none. */
  get mean(): number {
    return this.#sum / this.count
  }

  /** The square of the standard deviation of all marks as a sample of devices; NaN for fewer than two. */
  get variance(): number {
    const { count } = this
    const squares = this.#high * LIMB + this.#low
    return Math.max(0, squares - (this.#sum * this.#sum) / count) / (count - 1)
  }
}
