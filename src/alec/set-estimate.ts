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
import type { NumberRow, NumberSink, NumberSource } from './number-row.js'
import { TIGHT_STATE } from './open-loop-state.js'
import { PACKED_PIECE, PieceSet } from './piece-set.js'

/** A channel may handle so many pieces a frame on average, and has so many saved up when its state breaks. */
const PIECES_PER_FRAME = 256
const PIECES_SAVED = 4096
/** So many numbers of a packed estimate come before those of the set. */
const PACKED_OWN = 4

/**
 * The estimate of an open-loop device whose sensor has a resolution: where the interval estimate is not
 * exact, a set of small pieces beside it says which of the states inside the interval are possible at all.
 * The set narrows the interval and is dropped as soon as it tells no more than that, or costs too much.
 */
export class SetEstimate implements ChannelEstimate {
  readonly #hull: IntervalEstimate
  readonly #resolution: Resolution
  readonly #scale: number
  #set: PieceSet | undefined
  #open = false
  #savings = PIECES_SAVED
  #contradictions = 0

  constructor(
    declared: ChannelDeclaration & { readonly resolution: Resolution },
    encoder: EncoderTraits,
  ) {
    this.#hull = new IntervalEstimate(declared, encoder)
    this.#resolution = declared.resolution
    this.#scale = encoder.scale
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
  pack(row: NumberRow): void {
    row.putFlag(this.#open)
    row.put(this.#savings)
    row.put(this.#contradictions)
    row.put(this.#open ? PACKED_PIECE * this.#pieces.size : 0)
    if (this.#open) this.#pieces.pack(row)
    this.#hull.pack(row)
  }

  packExact(row: NumberSink): boolean {
    if (this.#open || this.#contradictions > 0 || !this.#hull.packExact(row)) return false
    row.putUsual(this.#savings, PIECES_SAVED)
    return true
  }

  unpackExact(row: NumberSource): void {
    this.#hull.unpackExact(row)
    this.#open = false
    this.#contradictions = 0
    this.#savings = row.takeUsual(PIECES_SAVED)
  }

  unpack(row: NumberRow, length: number): boolean {
    if (length === TIGHT_STATE + 1) {
      this.unpackExact(row)
      return true
    }
    const pieces = row.ahead(PACKED_OWN - 1)
    const hull = length - PACKED_OWN - pieces
    if (length < PACKED_OWN || pieces % PACKED_PIECE !== 0 || !this.#hull.fits(hull)) return false
    this.#open = row.takeFlag()
    this.#savings = row.take()
    this.#contradictions = row.take()
    row.take()
    if (this.#open || pieces > 0) this.#pieces.unpack(row, pieces)
    return this.#hull.unpack(row, hull)
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

  /** Made when it is needed first: a device of which no frame is lost never does. */
  get #pieces(): PieceSet {
    this.#set ??= new PieceSet(this.#resolution, this.#scale)
    return this.#set
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
