import { average, SETTLED } from './average.js'
import type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderTraits,
} from './estimate.js'
import { roundingSlack, SAVED_REACH, SensorReach } from './sensor-reach.js'

/** So many numbers of a saved state come before those of the reach. */
const SAVED_OWN = 8

/**
 * The estimate of a closed-loop device: it observes what its receiver will reconstruct, so its average in
 * [emaLo, emaHi] and its last reconstruction in [lastLo, lastHi] follow from the wire alone, and the sensor's
 * value lies within half a delta's unit of the reconstruction. A keyframe makes both exact again.
 */
export class ClosedLoopEstimate implements ChannelEstimate {
  readonly #reach: SensorReach
  readonly #scale: number
  readonly #half: number
  #emaLo = 0
  #emaHi = 0
  #lastLo = 0
  #lastHi = 0
  #nonFinite = Number.NaN
  #isNumber = true
  /** At least so many values were observed since the last keyframe; exactly so many where `#counted`. */
  #count = 0
  #counted = true

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
    if (this.#count === 0) return this.#counted
    return (
      this.#emaLo === this.#emaHi &&
      this.#lastLo === this.#lastHi &&
      (this.#counted || this.#count >= SETTLED)
    )
  }

  get nonFinite(): boolean {
    return !this.#isNumber
  }

  get spread(): number {
    return this.#count >= SETTLED ? this.#emaHi - this.#emaLo : this.#lastHi - this.#lastLo
  }

  /** Such a device leaves non-finite values out of its prediction. */
  get poisoned(): boolean {
    return false
  }

  save(): number[] {
    return [
      this.#emaLo,
      this.#emaHi,
      this.#lastLo,
      this.#lastHi,
      this.#nonFinite,
      Number(this.#isNumber),
      this.#count,
      Number(this.#counted),
      ...this.#reach.save(),
    ]
  }

  restore(saved: readonly number[]): boolean {
    if (saved.length < SAVED_OWN + SAVED_REACH) return false
    const [emaLo = 0, emaHi = 0, lastLo = 0, lastHi = 0, nonFinite = 0, isNumber, count = 0] = saved
    this.#emaLo = emaLo
    this.#emaHi = emaHi
    this.#lastLo = lastLo
    this.#lastHi = lastHi
    this.#nonFinite = nonFinite
    this.#isNumber = isNumber === 1
    this.#count = count
    this.#counted = saved[SAVED_OWN - 1] === 1
    this.#reach.restore(saved.slice(SAVED_OWN))
    return true
  }

  begin(): void {
    this.#reach.begin()
    this.#count = 0
    this.#counted = true
    this.#lastLo = 0
    this.#lastHi = 0
  }

  beginKeyframe(): void {
    this.#count = 0
    this.#counted = true
  }

  forget(observations: number): void {
    this.#reach.forget()
    this.#forgetAverage()
    this.#lastLo = this.#emaLo
    this.#lastHi = this.#emaHi
    // A keyframe may have restarted the count at any time.
    this.#count = Math.min(observations, 1)
    this.#counted = false
  }

  observeRaw(value: number, halfWidth: number): void {
    while (!this.#reach.settleWhole(value, halfWidth)) {
      // An average known to the bit follows from the wire alone: no false declaration is in it.
      if (this.#emaLo !== this.#emaHi) this.#forgetAverage()
    }
    this.#observe(value, value)
  }

  observeNonFinite(value: number): void {
    this.#reach.pass()
    this.#nonFinite = value
    this.#isNumber = false
  }

  observeRepeated(): void {
    const slack = roundingSlack(
      Math.max(Math.abs(this.#lastLo), Math.abs(this.#lastHi)),
      this.#half,
    )
    const lo = this.#lastLo
    const hi = this.#lastHi
    this.#settle((lo + hi) / 2, lo - this.#half - slack, hi + this.#half + slack)
    this.#observe(lo, hi)
  }

  observeDelta(delta: number): void {
    const averaged = this.#count >= SETTLED
    let fromLo = averaged ? this.#emaLo : this.#lastLo
    let fromHi = averaged ? this.#emaHi : this.#lastHi
    if (!averaged && !this.#counted) {
      fromLo = Math.min(fromLo, this.#emaLo)
      fromHi = Math.max(fromHi, this.#emaHi)
    }
    const step = delta / this.#scale
    // The very operation by which the device reconstructs.
    const lo = fromLo + step
    const hi = fromHi + step
    const slack = roundingSlack(
      Math.max(Math.abs(lo), Math.abs(hi)),
      Math.abs(step) + 2 * this.#half,
    )
    this.#settle(
      (lo + hi) / 2,
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
      // It may have been no number and not observed, or a keyframe that restarted the average.
      const first = this.#count === 0 && this.#counted
      this.#emaLo = first ? lo : Math.min(lo, this.#emaLo, average(lo, this.#emaLo))
      this.#emaHi = first ? hi : Math.max(hi, this.#emaHi, average(hi, this.#emaHi))
      this.#lastLo = Math.min(lo, this.#lastLo)
      this.#lastHi = Math.max(hi, this.#lastHi)
      this.#counted = false
      this.#count = 0
    }
  }

  /** Left-out channels belong to standard frames, which know no closed loop. */
  leaveOut(): void {
    this.observeUntold()
  }

  #forgetAverage(): void {
    this.#emaLo = this.#reach.min - 2 * this.#half
    this.#emaHi = this.#reach.max + 2 * this.#half
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
    this.#lastLo = lo
    this.#lastHi = hi
    if (this.#count === 0 && this.#counted) {
      this.#emaLo = lo
      this.#emaHi = hi
    } else {
      const start = this.#count === 0
      this.#emaLo = start ? Math.min(lo, average(lo, this.#emaLo)) : average(lo, this.#emaLo)
      this.#emaHi = start ? Math.max(hi, average(hi, this.#emaHi)) : average(hi, this.#emaHi)
    }
    if (this.#count < SETTLED) this.#count++
  }
}
