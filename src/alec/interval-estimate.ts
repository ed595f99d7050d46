import { type AverageInterval, average } from './average.js'
import type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderState,
  EncoderTraits,
  EstimateView,
} from './estimate.js'
import type { NumberRow, NumberSink, NumberSource } from './number-row.js'
import { OpenLoopState, PACKED_STATE, TIGHT_STATE } from './open-loop-state.js'
import type { Prediction } from './prediction.js'
import type { SensorReach } from './sensor-reach.js'
import { leftOutWidth, roundingSlack } from './slack.js'

/** The estimate of an open-loop device (`alec-1.3`) as intervals: what each encoding says of its state. */
export class IntervalEstimate implements ChannelEstimate {
  readonly #state: OpenLoopState
  readonly #reach: SensorReach
  readonly #scale: number
  readonly #startsAtZero: boolean

  constructor(declared: ChannelDeclaration, encoder: EncoderTraits) {
    this.#state = new OpenLoopState(declared)
    this.#reach = this.#state.reach
    this.#scale = encoder.scale
    this.#startsAtZero = encoder.startsAtZero
  }

  get value(): number {
    return this.#state.last
  }

  get bound(): number {
    return Number.isFinite(this.#state.last) ? this.#reach.bound : Number.POSITIVE_INFINITY
  }

  get nonFinite(): boolean {
    return this.#state.lastPoison === 'yes'
  }

  get contradictions(): readonly Contradiction[] {
    return this.#reach.contradictions
  }

  get exact(): boolean {
    return this.#state.exact
  }

  get spread(): number {
    const { count, ema } = this.#state
    const average = ema.hi - ema.lo
    if (count.settled) return average
    const last = this.#reach.hi - this.#reach.lo
    return count.exactly ? last : Math.max(last, average)
  }

  get poisoned(): boolean {
    return this.#state.emaPoison === 'yes'
  }

  /** It predicts by its average, whatever that is. */
  get settled(): boolean {
    return this.#state.count.settled && !this.poisoned && !this.nonFinite
  }

  /** For who looks closer; only to be read. */
  get average(): Readonly<AverageInterval> {
    return this.#state.ema
  }

  get reach(): Readonly<SensorReach> {
    return this.#reach
  }

  /**
   * Someone who looked closer knows that the average and the last value lie in these: that is, if the device
   * has not sent NaN unseen. While it may have, only what says nothing of the last value is taken over.
   */
  narrow(emaLo: number, emaHi: number, lo: number, hi: number): void {
    this.#state.ema.narrow(emaLo, emaHi)
    if (this.#state.emaPoison !== 'no') return
    this.#reach.narrow(lo, hi)
    if (Number.isFinite(this.#state.last)) this.#state.last = this.#reach.value
  }

  /** Someone who looked closer knows that no state is possible: a declaration is false. */
  refute(): void {
    if (this.#state.emaPoison === 'no') this.#reach.refute()
    this.#state.forget(this.#state.count.atLeast)
  }

  begin(): void {
    this.#state.begin()
  }

  forget(observations: number): void {
    this.#state.forget(observations)
  }

  /** Whether so many numbers can be a packed one. */
  fits(length: number): boolean {
    return length === TIGHT_STATE || length >= PACKED_STATE
  }

  pack(row: NumberRow): void {
    this.#state.pack(row)
  }

  /** Lays down `TIGHT_STATE` numbers where all is known to the bit; else none, and false. */
  packExact(row: NumberSink): boolean {
    return this.#state.packTight(row)
  }

  unpackExact(row: NumberSource): void {
    this.#state.unpackTight(row)
  }

  unpack(row: NumberRow, length: number): boolean {
    return this.#state.unpack(row, length)
  }

  adopt(state: EncoderState): boolean {
    return this.#state.adopt(state)
  }

  describe(): EstimateView {
    return this.#state.describe()
  }

  beginKeyframe(): void {}

  observeRaw(value: number, halfWidth: number): void {
    // Each refusal drops a declaration, so this ends.
    while (!this.#reach.settleWhole(value, halfWidth)) this.#state.forget(this.#state.count.atLeast)
    this.#state.observe()
  }

  observeNonFinite(value: number): void {
    this.#state.observeNonFinite(value)
  }

  observeRepeated(): void {
    if (this.#state.steady && this.#reach.quantised) {
      this.#state.step()
      return
    }
    if (this.#state.count.none && this.#startsAtZero) {
      this.#observeWithin(0, -(2 ** -52), 2 ** -52)
      return
    }
    // Nothing repeats before the first value or after a NaN: this is not the state that we believe in.
    if (this.#state.count.none || this.#state.lastPoison === 'yes') {
      this.#goAstray()
      return
    }
    const { lo, hi, quantised } = this.#reach
    // The device repeats what differs by less than 2⁻⁵², which beyond 1 is nothing at all.
    const slack = quantised || lo > 1 || hi < -1 ? 0 : 2 ** -52
    this.#observeWithin(this.#state.last, lo - slack, hi + slack)
  }

  observeDelta(delta: number): void {
    const state = this.#state
    if (state.steady && this.#reach.settleExactly(delta, state.ema.lo, this.#scale)) {
      state.step()
      return
    }
    let from = this.#state.predict()
    if (from.by === 'nothing' && delta !== 0) {
      // Only a device that is not in the state that we believe in says something here.
      this.#state.forget(1)
      from = this.#state.predict()
    }
    if (from.by === 'nothing' || (delta === 0 && from.mayBeNaN)) {
      this.#observeSilentDelta(from, delta)
      return
    }
    const averaged = from.by === 'average'
    if (averaged && this.#state.emaPoison === 'perhaps') this.#state.emaPoison = 'no'
    const step = delta / this.#scale
    const half = 0.5 / this.#scale
    const slack = roundingSlack(
      Math.abs(step) + 2 * half,
      Math.max(Math.abs(from.lo), Math.abs(from.hi)),
    )
    const settled = this.#reach.settle(
      from.point + step,
      from.lo + step - half - slack,
      from.hi + step + half + slack,
      delta,
      from.lo,
      from.hi,
      this.#scale,
    )
    if (!settled) {
      this.#goAstray(this.#state.count.atLeast)
      return
    }
    if (averaged && this.#state.ema.lo < this.#state.ema.hi) this.#narrowAverage(step, half)
    this.#state.observe()
  }

  observeInterpolated(): void {
    const { by, mayBeNaN, point, lo, hi } = this.#state.predict()
    if (by === 'nothing' || mayBeNaN) this.observeUntold()
    else this.#observeWithin(point, lo, hi)
  }

  observeUntold(): void {
    const { nextLo, nextHi } = this.#reach
    this.#observeWithin(this.#state.last, nextLo, nextHi)
  }

  lose(observations: number, atLeast = observations): void {
    if (observations <= 0) return
    const state = this.#state
    for (let i = 0; i < observations; i++) {
      const { lo, hi } = this.#reach
      const { lo: emaLo, hi: emaHi } = state.ema
      state.miss(i < atLeast)
      const still = lo === this.#reach.lo && hi === this.#reach.hi
      if (still && state.count.settled && emaLo === state.ema.lo && emaHi === state.ema.hi) break
    }
    if (state.emaPoison === 'no') state.emaPoison = 'perhaps'
    if (atLeast > 0 || state.lastPoison === 'no') state.lastPoison = 'perhaps'
  }

  leaveOut(reach: number): void {
    const { by, point, lo, hi } = this.#state.predict()
    if (by === 'nothing') {
      this.#goAstray()
      return
    }
    // A prediction of NaN makes a value important: what was left out had a number for one.
    if (by === 'average') this.#state.emaPoison = 'no'
    const width = leftOutWidth(lo, hi, reach)
    this.#observeWithin(point, lo - width, hi + width)
  }

  /** A delta of 0 that may mean nothing: the value can be anything, the average what it is if it is a number. */
  #observeSilentDelta({ by, point, lo, hi }: Readonly<Prediction>, delta: number): void {
    const { nextLo, nextHi } = this.#reach
    this.#observeWithin(point + delta / this.#scale, nextLo, nextHi)
    if (by !== 'average') return
    const half = 0.5 / this.#scale
    const near = roundingSlack(lo, hi) + half
    const least = Math.max(this.#reach.lo, lo - near)
    const most = Math.min(this.#reach.hi, hi + near)
    if (least <= most) this.#state.ema.replace(average(least, lo), average(most, hi))
  }

  /** The device is not in the state that we believed in. */
  #goAstray(observations = 1): void {
    this.#state.forget(observations)
    this.observeUntold()
  }

  #observeWithin(guess: number, lo: number, hi: number): void {
    if (!this.#reach.settle(guess, lo, hi)) {
      this.#state.forget(this.#state.count.atLeast)
      this.#reach.settle(guess, this.#reach.min, this.#reach.max)
    }
    this.#state.observe(Number.isFinite(guess) ? this.#reach.value : guess)
  }

  /** The prediction that this delta was made against cannot be further from the value than the delta says. */
  #narrowAverage(step: number, half: number): void {
    const { lo, hi } = this.#reach
    const slack = roundingSlack(Math.abs(step) + 2 * half, Math.max(Math.abs(lo), Math.abs(hi)))
    this.#state.ema.narrow(lo - step - half - slack, hi - step + half + slack)
  }
}
