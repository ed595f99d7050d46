import { AverageInterval } from './average.js'
import type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderState,
  EncoderTraits,
  EstimateView,
} from './estimate.js'
import type { NumberRow } from './number-row.js'
import { ObservationCount } from './observation-count.js'
import { Prediction } from './prediction.js'
import { PACKED_REACH, SensorReach } from './sensor-reach.js'
import { roundingSlack } from './slack.js'

/** So many numbers of a packed state come before those of the reach. */
const PACKED_OWN = 8

/**
 * The estimate of a closed-loop device: it observes what its receiver will reconstruct, so its average in
 * [emaLo, emaHi] and its last reconstruction in [lastLo, lastHi] follow from the wire alone, and the sensor's
 * value lies within half a delta's unit of the reconstruction. A keyframe makes both exact again.
 */
export class ClosedLoopEstimate implements ChannelEstimate {
  readonly #reach: SensorReach
  readonly #scale: number
  readonly #half: number
  readonly #ema = new AverageInterval()
  readonly #last = { lo: 0, hi: 0 }
  #nonFinite = Number.NaN
  #isNumber = true
  /** Since the last keyframe. */
  readonly #count = new ObservationCount()
  readonly #prediction = new Prediction()

  constructor(declared: ChannelDeclaration, encoder: EncoderTraits) {
    this.#reach = new SensorReach(declared)
    this.#scale = encoder.scale
    this.#half = 0.5 / encoder.scale
  }

  get value(): number {
    return this.#isNumber ? this.#reach.value : this.#nonFinite
  }

  get bound(): number {
    return this.#isNumber ? this.#reach.bound : Number.POSITIVE_INFINITY
  }

  get contradictions(): readonly Contradiction[] {
    return this.#reach.contradictions
  }

  get exact(): boolean {
    if (this.#count.atLeast === 0) return this.#count.exactly
    return (
      this.#ema.lo === this.#ema.hi &&
      this.#last.lo === this.#last.hi &&
      (this.#count.exactly || this.#count.settled)
    )
  }

  get nonFinite(): boolean {
    return !this.#isNumber
  }

  get spread(): number {
    const average = this.#ema.hi - this.#ema.lo
    if (this.#count.settled) return average
    const last = this.#last.hi - this.#last.lo
    return this.#count.exactly ? last : Math.max(last, average)
  }

  /** Such a device leaves non-finite values out of its prediction. */
  get poisoned(): boolean {
    return false
  }

  pack(row: NumberRow): void {
    row.put(this.#ema.lo)
    row.put(this.#ema.hi)
    row.put(this.#last.lo)
    row.put(this.#last.hi)
    row.put(this.#nonFinite)
    row.putFlag(this.#isNumber)
    row.put(this.#count.atLeast)
    row.putFlag(this.#count.exactly)
    this.#reach.pack(row)
  }

  /** What lies within half a unit is not known to the bit. */
  packExact(): boolean {
    return false
  }

  unpackExact(): void {}

  unpack(row: NumberRow, length: number): boolean {
    if (length < PACKED_OWN + PACKED_REACH) return false
    this.#setAverage(row.take(), row.take())
    this.#setLast(row.take(), row.take())
    this.#nonFinite = row.take()
    this.#isNumber = row.takeFlag()
    this.#count.set(row.take(), row.takeFlag())
    this.#reach.unpack(row, length - PACKED_OWN)
    return true
  }

  begin(): void {
    this.#reach.begin()
    this.#count.set(0, true)
    this.#setLast(0, 0)
  }

  adopt({ count, last, ema }: EncoderState): boolean {
    this.begin()
    if (count === 0) return true
    // It leaves such values out.
    if (!Number.isFinite(last) || !Number.isFinite(ema)) return false
    const away = this.#half + roundingSlack(last, this.#half)
    if (!this.#reach.settle(last, last - away, last + away)) return false
    this.#setLast(last, last)
    this.#setAverage(ema, ema)
    this.#isNumber = true
    this.#count.set(count, true)
    return true
  }

  describe(): EstimateView {
    const { lo, hi, inForce } = this.#reach
    const { atLeast, exactly } = this.#count
    const last = { point: middle(this.#last.lo, this.#last.hi), ...this.#last }
    return {
      prediction: this.#predict().describe(),
      last,
      average: { point: this.#ema.point, lo: this.#ema.lo, hi: this.#ema.hi },
      sensor: { lo, hi },
      observations: { atLeast, exactly },
      candidates: this.exact ? 1 : undefined,
      inForce,
    }
  }

  beginKeyframe(): void {
    this.#count.set(0, true)
  }

  forget(observations: number): void {
    this.#reach.forget()
    this.#forgetAverage()
    this.#setLast(this.#ema.lo, this.#ema.hi)
    // A keyframe may have restarted the count at any time.
    this.#count.set(Math.min(observations, 1), false)
  }

  observeRaw(value: number, halfWidth: number): void {
    while (!this.#reach.settleWhole(value, halfWidth)) {
      // An average known to the bit follows from the wire alone: no false declaration is in it.
      if (this.#ema.lo !== this.#ema.hi) this.#forgetAverage()
    }
    this.#observe(value, value)
  }

  observeNonFinite(value: number): void {
    this.#reach.pass()
    this.#nonFinite = value
    this.#isNumber = false
  }

  observeRepeated(): void {
    const { lo, hi } = this.#last
    // Each refusal drops a declaration, so this ends.
    while (!this.#reach.settleRepeated(lo, hi, this.#half));
    this.#observe(lo, hi)
  }

  observeDelta(delta: number): void {
    const { lo: fromLo, hi: fromHi } = this.#predict()
    const step = delta / this.#scale
    // The very operation by which the device reconstructs.
    const lo = fromLo + step
    const hi = fromHi + step
    const slack = roundingSlack(
      Math.max(Math.abs(lo), Math.abs(hi)),
      Math.abs(step) + 2 * this.#half,
    )
    this.#settle(
      middle(lo, hi),
      lo - this.#half - slack,
      hi + this.#half + slack,
      delta,
      fromLo,
      fromHi,
    )
    this.#observe(lo, hi)
  }

  observeInterpolated(): void {
    this.observeUntold()
  }

  observeUntold(): void {
    const { value, nextLo, nextHi } = this.#reach
    this.#settle(value, nextLo, nextHi)
    this.#observe(this.#reach.lo - this.#half, this.#reach.hi + this.#half)
  }

  lose(observations: number): void {
    for (let i = 0; i < observations; i++) {
      this.#reach.pass()
      const lo = this.#reach.lo - 2 * this.#half
      const hi = this.#reach.hi + 2 * this.#half
      const { none } = this.#count
      const { lo: emaLo, hi: emaHi } = this.#ema
      // It may have been no number and not observed, or a keyframe that restarted the average.
      this.#ema.observe(lo, hi, none ? 'first' : 'either')
      if (!none) this.#ema.widen(emaLo, emaHi)
      this.#setLast(Math.min(lo, this.#last.lo), Math.max(hi, this.#last.hi))
      this.#count.set(0, false)
    }
  }

  /** Left-out channels belong to standard frames, which know no closed loop. */
  leaveOut(): void {
    this.observeUntold()
  }

  #forgetAverage(): void {
    this.#setAverage(this.#reach.min - 2 * this.#half, this.#reach.max + 2 * this.#half)
  }

  #setAverage(lo: number, hi: number): void {
    this.#ema.set(middle(lo, hi), lo, hi)
  }

  #setLast(lo: number, hi: number): void {
    this.#last.lo = lo
    this.#last.hi = hi
  }

  /** What the device predicts now; one object, good until the next call. */
  #predict(): Readonly<Prediction> {
    const { lo, hi } = this.#last
    this.#prediction.make(this.#count, this.#ema, this.#last, middle(lo, hi))
    return this.#prediction
  }

  #settle(guess: number, lo: number, hi: number, delta?: number, fromLo = 0, fromHi = 0): void {
    while (!this.#reach.settle(guess, lo, hi, delta, fromLo, fromHi, this.#scale)) {
      // Each refusal drops a declaration, so this ends. What followed from the wire alone stands.
      if (fromLo === fromHi) continue
      this.#forgetAverage()
      const { value, min, max } = this.#reach
      this.#settle(value, min, max)
      return
    }
  }

  /** The device observes its own reconstruction in [lo, hi]. */
  #observe(lo: number, hi: number): void {
    this.#isNumber = true
    this.#setLast(lo, hi)
    this.#ema.observe(lo, hi, this.#count.next)
    this.#count.add()
  }
}

const middle = (lo: number, hi: number): number => (lo + hi) / 2
