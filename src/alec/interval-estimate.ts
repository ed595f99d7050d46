import { AverageInterval, average, SETTLED } from './average.js'
import type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderTraits,
} from './estimate.js'
import { roundingSlack, SAVED_REACH, SensorReach } from './sensor-reach.js'

/** Whether a number in the device may be NaN or ±∞: `perhaps` after a loss, until a delta disproves it. */
type Poison = 'no' | 'perhaps' | 'yes'
/** By the code that stands for them in a saved state. */
const POISONS: readonly Poison[] = ['no', 'perhaps', 'yes']

/** So many numbers of a saved state come before those of the reach. */
const SAVED_OWN = 8

/**
 * The estimate of an open-loop device (`alec-1.3`) as intervals: its average lies in [emaLo, emaHi], its last
 * value in [reach.lo, reach.hi]. Beside them run the very numbers that a plain decoder would have.
 */
export class IntervalEstimate implements ChannelEstimate {
  readonly #reach: SensorReach
  readonly #scale: number
  readonly #startsAtZero: boolean
  readonly #ema = new AverageInterval()
  #emaPoison: Poison = 'no'
  #lastPoison: Poison = 'no'
  /** What a plain decoder takes for the last value; no number after a NaN, until a whole value comes. */
  #last = 0
  /** At least so many values were observed; exactly so many where `#counted`. */
  #count = 0
  #counted = true
  // The device's prediction, left here by `#predict`.
  #from = 0
  #fromLo = 0
  #fromHi = 0

  constructor(declared: ChannelDeclaration, encoder: EncoderTraits) {
    this.#reach = new SensorReach(declared)
    this.#scale = encoder.scale
    this.#startsAtZero = encoder.startsAtZero
  }

  get value(): number {
    return this.#last
  }

  get bound(): number {
    return Number.isFinite(this.#last) ? this.#reach.bound : Number.POSITIVE_INFINITY
  }

  get nonFinite(): boolean {
    return this.#lastPoison === 'yes'
  }

  get contradictions(): readonly Contradiction[] {
    return this.#reach.contradictions
  }

  get exact(): boolean {
    if (this.#emaPoison !== 'no' || this.#lastPoison !== 'no') return false
    if (this.#count === 0) return this.#counted
    return (
      this.#ema.lo === this.#ema.hi &&
      this.#reach.lo === this.#reach.hi &&
      (this.#counted || this.#count >= SETTLED)
    )
  }

  get spread(): number {
    return this.#count >= SETTLED ? this.#ema.hi - this.#ema.lo : this.#reach.hi - this.#reach.lo
  }

  get poisoned(): boolean {
    return this.#emaPoison === 'yes'
  }

  /** It predicts by its average, whatever that is. */
  get settled(): boolean {
    return this.#count >= SETTLED && this.#emaPoison !== 'yes' && this.#lastPoison !== 'yes'
  }

  /** For who looks closer; only to be read. */
  get average(): Readonly<AverageInterval> {
    return this.#ema
  }

  get reach(): Readonly<SensorReach> {
    return this.#reach
  }

  /**
   * Someone who looked closer knows that the average and the last value lie in these: that is, if the device
   * has not sent NaN unseen. While it may have, only what says nothing of the last value is taken over.
   */
  narrow(emaLo: number, emaHi: number, lo: number, hi: number): void {
    this.#ema.narrow(emaLo, emaHi)
    if (this.#emaPoison !== 'no') return
    this.#reach.narrow(lo, hi)
    if (Number.isFinite(this.#last)) this.#last = this.#reach.value
  }

  /** Someone who looked closer knows that no state is possible: a declaration is false. */
  refute(): void {
    if (this.#emaPoison === 'no') this.#reach.refute()
    this.forget(this.#count)
  }

  begin(): void {
    this.#reach.begin()
    this.#last = 0
    this.#ema.set(0, 0, 0)
    this.#emaPoison = 'no'
    this.#lastPoison = 'no'
    this.#count = 0
    this.#counted = true
  }

  forget(observations: number): void {
    this.#reach.forget()
    this.#ema.set(this.#reach.value, this.#reach.min, this.#reach.max)
    this.#last = this.#reach.value
    this.#emaPoison = 'perhaps'
    this.#lastPoison = 'perhaps'
    this.#count = Math.min(observations, SETTLED)
    this.#counted = false
  }

  save(): number[] {
    return [
      this.#ema.point,
      this.#ema.lo,
      this.#ema.hi,
      this.#last,
      POISONS.indexOf(this.#emaPoison),
      POISONS.indexOf(this.#lastPoison),
      this.#count,
      Number(this.#counted),
      ...this.#reach.save(),
    ]
  }

  restore(saved: readonly number[]): boolean {
    if (saved.length < SAVED_OWN + SAVED_REACH) return false
    const [ema = 0, emaLo = 0, emaHi = 0, last = 0, emaPoison = 1, lastPoison = 1, count = 0] =
      saved
    this.#ema.set(ema, emaLo, emaHi)
    this.#last = last
    this.#emaPoison = POISONS[emaPoison] ?? 'perhaps'
    this.#lastPoison = POISONS[lastPoison] ?? 'perhaps'
    this.#count = count
    this.#counted = saved[SAVED_OWN - 1] === 1
    this.#reach.restore(saved.slice(SAVED_OWN))
    return true
  }

  beginKeyframe(): void {}

  observeRaw(value: number, halfWidth: number): void {
    // Each refusal drops a declaration, so this ends.
    while (!this.#reach.settleWhole(value, halfWidth)) this.forget(this.#count)
    this.#observe()
  }

  observeNonFinite(value: number): void {
    this.#reach.pass()
    this.#last = value
    this.#ema.follow(value, this.#count === 0)
    // Kept as what it would be in a device that has rebooted unseen.
    this.#ema.set(this.#ema.point, this.#reach.min, this.#reach.max)
    this.#emaPoison = 'yes'
    this.#lastPoison = 'yes'
    this.#count = Math.min(this.#count + 1, SETTLED)
  }

  observeRepeated(): void {
    if (this.#count === 0 && this.#counted && this.#startsAtZero) {
      this.#observeWithin(0, -(2 ** -52), 2 ** -52)
      return
    }
    // Nothing repeats before the first value or after a NaN: this is not the state that we believe in.
    if ((this.#count === 0 && this.#counted) || this.#lastPoison === 'yes') {
      this.#goAstray()
      return
    }
    const { lo, hi, quantised } = this.#reach
    // The device repeats what differs by less than 2⁻⁵², which beyond 1 is nothing at all.
    const slack = quantised || lo > 1 || hi < -1 ? 0 : 2 ** -52
    this.#observeWithin(this.#last, lo - slack, hi + slack)
  }

  observeDelta(delta: number): void {
    let by = this.#predict()
    if (by === 'nothing' && delta !== 0) {
      // Only a device that is not in the state that we believe in says something here.
      this.forget(1)
      by = this.#predict()
    }
    if (by === 'nothing' || (delta === 0 && this.#mayBeNaN(by))) {
      this.#observeSilentDelta(by, delta)
      return
    }
    if (by === 'average' && this.#emaPoison === 'perhaps') this.#emaPoison = 'no'
    const step = delta / this.#scale
    const half = 0.5 / this.#scale
    const slack = roundingSlack(
      Math.abs(step) + 2 * half,
      Math.max(Math.abs(this.#fromLo), Math.abs(this.#fromHi)),
    )
    const settled = this.#reach.settle(
      this.#from + step,
      this.#fromLo + step - half - slack,
      this.#fromHi + step + half + slack,
      delta,
      this.#fromLo,
      this.#fromHi,
      this.#scale,
    )
    if (!settled) {
      this.#goAstray(this.#count)
      return
    }
    if (by === 'average' && this.#ema.lo < this.#ema.hi) this.#narrowAverage(step, half)
    this.#observe()
  }

  observeInterpolated(): void {
    const by = this.#predict()
    if (by === 'nothing' || this.#mayBeNaN(by)) this.observeUntold()
    else this.#observeWithin(this.#from, this.#fromLo, this.#fromHi)
  }

  observeUntold(): void {
    const { nextLo, nextHi } = this.#reach
    this.#observeWithin(this.#last, nextLo, nextHi)
  }

  lose(observations: number, atLeast = observations): void {
    if (observations <= 0) return
    for (let i = 0; i < observations; i++) {
      const { lo, hi } = this.#reach
      const emaLo = this.#ema.lo
      const emaHi = this.#ema.hi
      const count = this.#count
      this.#reach.pass()
      this.#advanceAverage()
      if (i >= atLeast) {
        // It may not have happened: what was possible before stays possible.
        this.#ema.widen(emaLo, emaHi)
        this.#count = count
        if (count < SETTLED) this.#counted = false
      }
      const still = lo === this.#reach.lo && hi === this.#reach.hi
      if (still && this.#count >= SETTLED && emaLo === this.#ema.lo && emaHi === this.#ema.hi) break
    }
    if (this.#emaPoison === 'no') this.#emaPoison = 'perhaps'
    if (atLeast > 0 || this.#lastPoison === 'no') this.#lastPoison = 'perhaps'
  }

  leaveOut(reach: number): void {
    const by = this.#predict()
    if (by === 'nothing') {
      this.#goAstray()
      return
    }
    // A prediction of NaN makes a value important: what was left out had a number for one.
    if (by === 'average') this.#emaPoison = 'no'
    const size = Math.max(Math.abs(this.#fromLo), Math.abs(this.#fromHi))
    const nearZero = this.#fromLo <= 2 ** -52 && this.#fromHi >= -(2 ** -52)
    const width = nearZero ? reach * Math.max(size, 1) : reach * size
    const slack = roundingSlack(size, width)
    this.#observeWithin(this.#from, this.#fromLo - width - slack, this.#fromHi + width + slack)
  }

  /** Leaves the device's prediction in `#from…` and says what it is made of. */
  #predict(): 'average' | 'last' | 'either' | 'nothing' {
    if (this.#count >= SETTLED) {
      this.#from = this.#ema.point
      this.#fromLo = this.#ema.lo
      this.#fromHi = this.#ema.hi
      return this.#emaPoison === 'yes' ? 'nothing' : 'average'
    }
    this.#from = this.#last
    this.#fromLo = this.#reach.lo
    this.#fromHi = this.#reach.hi
    if (this.#counted) return this.#count === 0 || this.#lastPoison === 'yes' ? 'nothing' : 'last'
    if (this.#emaPoison === 'yes' || this.#lastPoison === 'yes') return 'nothing'
    this.#fromLo = Math.min(this.#fromLo, this.#ema.lo)
    this.#fromHi = Math.max(this.#fromHi, this.#ema.hi)
    return 'either'
  }

  /** A device whose prediction is NaN sends the delta 0, whatever it measures. */
  #mayBeNaN(by: 'average' | 'last' | 'either'): boolean {
    return (
      (by !== 'last' && this.#emaPoison !== 'no') || (by !== 'average' && this.#lastPoison !== 'no')
    )
  }

  /** A delta of 0 that may mean nothing: the value can be anything, the average what it is if it is a number. */
  #observeSilentDelta(by: 'average' | 'last' | 'either' | 'nothing', delta: number): void {
    const lo = this.#fromLo
    const hi = this.#fromHi
    const { nextLo, nextHi } = this.#reach
    this.#observeWithin(this.#from + delta / this.#scale, nextLo, nextHi)
    if (by === 'nothing') return
    const half = 0.5 / this.#scale
    const near = roundingSlack(lo, hi) + half
    if (by === 'average' && lo - near <= this.#reach.hi && hi + near >= this.#reach.lo) {
      const least = average(Math.max(this.#reach.lo, lo - near), lo)
      const most = average(Math.min(this.#reach.hi, hi + near), hi)
      this.#ema.set(Math.min(Math.max(this.#ema.point, least), most), least, most)
    }
  }

  /** The device is not in the state that we believed in. */
  #goAstray(observations = 1): void {
    this.forget(observations)
    this.observeUntold()
  }

  #observeWithin(guess: number, lo: number, hi: number): void {
    if (!this.#reach.settle(guess, lo, hi)) {
      this.forget(this.#count)
      this.#reach.settle(guess, this.#reach.min, this.#reach.max)
    }
    this.#observe(Number.isFinite(guess) ? this.#reach.value : guess)
  }

  /** The prediction that this delta was made against cannot be further from the value than the delta says. */
  #narrowAverage(step: number, half: number): void {
    const { lo, hi } = this.#reach
    const slack = roundingSlack(Math.abs(step) + 2 * half, Math.max(Math.abs(lo), Math.abs(hi)))
    this.#ema.narrow(lo - step - half - slack, hi - step + half + slack)
  }

  /** The device observes the value that `#reach` has just settled. */
  #observe(value = this.#reach.value): void {
    this.#lastPoison = 'no'
    this.#last = value
    this.#ema.follow(value, this.#count === 0)
    this.#advanceAverage()
  }

  /** Moves the average's interval past one observation in [reach.lo, reach.hi]. */
  #advanceAverage(): void {
    const { lo, hi } = this.#reach
    this.#ema.observe(lo, hi, this.#count > 0 ? 'later' : this.#counted ? 'first' : 'either')
    if (this.#count < SETTLED) this.#count++
  }
}
