import type { Resolution } from './decimal.js'
import type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderState,
  EncoderTraits,
  EstimateView,
} from './estimate.js'
import { IntervalEstimate } from './interval-estimate.js'
import { PieceSet } from './piece-set.js'

/** A channel may handle so many pieces a frame on average, and has so many saved up when its state breaks. */
const PIECES_PER_FRAME = 256
const PIECES_SAVED = 4096
/** So many numbers of a saved state come before those of the set. */
const SAVED_OWN = 4

/**
 * The estimate of an open-loop device whose sensor has a resolution: where the interval estimate is not
 * exact, a set of small pieces beside it says which of the states inside the interval are possible at all.
 * The set narrows the interval and is dropped as soon as it tells no more than that, or costs too much.
 */
export class SetEstimate implements ChannelEstimate {
  readonly #hull: IntervalEstimate
  readonly #pieces: PieceSet
  #open = false
  #savings = PIECES_SAVED
  #contradictions = 0

  constructor(
    declared: ChannelDeclaration & { readonly resolution: Resolution },
    encoder: EncoderTraits,
  ) {
    this.#hull = new IntervalEstimate(declared, encoder)
    this.#pieces = new PieceSet(declared.resolution, encoder.scale)
  }

  get value(): number {
    return this.#hull.value
  }

  get bound(): number {
    return this.#hull.bound
  }

  get nonFinite(): boolean {
    return this.#hull.nonFinite
  }

  get contradictions(): readonly Contradiction[] {
    return this.#hull.contradictions
  }

  get exact(): boolean {
    return this.#hull.exact
  }

  get spread(): number {
    return this.#hull.spread
  }

  get poisoned(): boolean {
    return this.#hull.poisoned
  }

  begin(): void {
    this.#open = false
    this.#savings = PIECES_SAVED
    this.#hull.begin()
  }

  forget(observations: number): void {
    this.#open = false
    this.#hull.forget(observations)
  }

  /** What the set is, the set, and the interval: without the set the bounds after a restart would be others. */
  save(): number[] {
    const pieces = this.#open ? this.#pieces.save() : []
    const own = [Number(this.#open), this.#savings, this.#contradictions, pieces.length]
    return [...own, ...pieces, ...this.#hull.save()]
  }

  restore(saved: readonly number[]): boolean {
    const [open = 0, savings = 0, contradictions = 0, length = 0] = saved
    const pieces = saved.slice(SAVED_OWN, SAVED_OWN + length)
    if (!PieceSet.canBe(pieces) || !this.#hull.restore(saved.slice(SAVED_OWN + length)))
      return false
    this.#open = open === 1
    this.#savings = savings
    this.#contradictions = contradictions
    this.#pieces.restore(pieces)
    return true
  }

  adopt(state: EncoderState): boolean {
    this.begin()
    return this.#hull.adopt(state)
  }

  describe(): EstimateView {
    const view = this.#hull.describe()
    return this.#open ? { ...view, candidates: this.#pieces.size } : view
  }

  beginKeyframe(): void {}

  observeRaw(value: number, halfWidth: number): void {
    this.#prepare()
    this.#hull.observeRaw(value, halfWidth)
    if (!this.#open) return
    this.#pieces.observeWhole(this.#hull.reach.lo, this.#hull.reach.hi, this.#hull.reach)
    this.#conclude()
  }

  observeNonFinite(value: number): void {
    this.#open = false
    this.#hull.observeNonFinite(value)
  }

  observeRepeated(): void {
    this.#prepare()
    this.#hull.observeRepeated()
    if (!this.#open) return
    this.#pieces.observeRepeated()
    this.#conclude()
  }

  observeDelta(delta: number): void {
    this.#prepare()
    this.#hull.observeDelta(delta)
    if (!this.#open) return
    this.#open = this.#pieces.observeDelta(delta, this.#hull.reach)
    this.#conclude()
  }

  observeInterpolated(): void {
    this.#open = false
    this.#hull.observeInterpolated()
  }

  observeUntold(): void {
    this.#open = false
    this.#hull.observeUntold()
  }

  lose(observations: number, atLeast = observations): void {
    this.#prepare(true)
    this.#hull.lose(observations, atLeast)
    // Where it is not known how often it was observed, only the interval is sure.
    if (observations !== atLeast) this.#open = false
    for (let i = 0; i < observations && this.#open; i++) {
      // The last one is paid for in the end.
      if (i > 0) this.#savings -= this.#pieces.size
      this.#open = this.#savings >= 0 && this.#pieces.pass(this.#hull.reach)
    }
    this.#conclude()
  }

  leaveOut(reach: number): void {
    this.#prepare(true)
    this.#hull.leaveOut(reach)
    if (!this.#open) return
    this.#open = this.#pieces.pass(this.#hull.reach, reach)
    this.#conclude()
  }

  /** Opens the set before what comes next where it can help: always when something passes unseen. */
  #prepare(unseen = false): void {
    if (this.#open || (this.#hull.exact && !unseen) || !this.#hull.settled) return
    this.#savings = Math.min(PIECES_SAVED, this.#savings + PIECES_PER_FRAME)
    if (this.#savings < PIECES_PER_FRAME) return
    const { average, reach } = this.#hull
    if (!Number.isFinite(average.hi - average.lo) || !Number.isFinite(reach.hi - reach.lo)) return
    this.#pieces.start(average.lo, average.hi, reach.lo, reach.hi)
    this.#open = true
  }

  /** Tells the interval what the set knows, and closes a set that knows no more or has become too dear. */
  #conclude(): void {
    const pieces = this.#pieces
    // A declaration fell: what the set was made of is not true.
    if (this.#hull.contradictions.length > this.#contradictions) this.#open = false
    this.#contradictions = this.#hull.contradictions.length
    if (!this.#open) return
    this.#savings = Math.min(PIECES_SAVED, this.#savings + PIECES_PER_FRAME) - pieces.size
    if (pieces.size === 0) {
      this.#open = false
      this.#hull.refute()
      return
    }
    this.#hull.narrow(pieces.emaLo, pieces.emaHi, pieces.lo, pieces.hi)
    if (pieces.size === 1 || this.#savings < 0) this.#open = false
  }
}
