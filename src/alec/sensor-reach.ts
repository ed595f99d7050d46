import { roundHalfAway } from './choice.js'
import {
  firstIndexFrom,
  lastIndexTo,
  multipleAt,
  nearestIndex,
  type Resolution,
} from './decimal.js'
import type { ChannelDeclaration, Contradiction, EstimateView } from './estimate.js'
import type { NumberRow, NumberSink, NumberSource } from './number-row.js'
import { isSame } from './same.js'
import { roundingSlack } from './slack.js'

/** By the code that stands for them in a row. */
const CONTRADICTIONS: readonly Contradiction[] = ['resolution', 'range', 'max-step']

/** So many numbers are at least in a packed reach. */
export const PACKED_REACH = 11

/** `settle` was told nothing of a delta, or of a repetition. */
const NOT_TOLD = Number.NaN

/**
 * Where a sensor's value can be: what is declared of it, and the interval that its last value lay in.
 * `settle` narrows one new value, and is the only place where a declaration is found false.
 */
export class SensorReach {
  value: number
  bound = Number.POSITIVE_INFINITY
  /** The last value lay in [lo, hi]. */
  lo: number
  hi: number
  /** The declarations found false so far, in the order of their discovery. */
  readonly contradictions: Contradiction[] = []
  readonly #declared: ChannelDeclaration
  #resolution: Resolution | undefined
  #min = Number.NEGATIVE_INFINITY
  #max = Number.POSITIVE_INFINITY
  #maxStep = Number.POSITIVE_INFINITY
  /** Nothing of what was declared has been found false. */
  #isAsDeclared = true
  // Whether what is known now rests on these being true: then a contradiction may be theirs.
  #leansOnRange = false
  #leansOnStep = false
  #leansOnResolution = false

  constructor(declared: ChannelDeclaration) {
    this.#declared = declared
    this.#believe()
    this.lo = this.#min
    this.hi = this.#max
    this.value = this.#middle()
  }

  get min(): number {
    return this.#min
  }

  get max(): number {
    return this.#max
  }

  get maxStep(): number {
    return this.#maxStep
  }

  get quantised(): boolean {
    return this.#resolution !== undefined
  }

  /** What is still taken for true of what was declared; a copy. */
  get inForce(): EstimateView['inForce'] {
    return { resolution: this.quantised, min: this.#min, max: this.#max, maxStep: this.#maxStep }
  }

  /** The least and the most that the next value can be. */
  get nextLo(): number {
    return Math.max(this.#min, this.lo - this.#maxStep - roundingSlack(this.lo, this.#maxStep))
  }

  get nextHi(): number {
    return Math.min(this.#max, this.hi + this.#maxStep + roundingSlack(this.hi, this.#maxStep))
  }

  /** A value passed unseen: [lo, hi] widens by a step. */
  pass(): void {
    const lo = this.nextLo
    const hi = this.nextHi
    this.#leansOnRange = true
    this.#leansOnStep ||= Number.isFinite(this.#maxStep)
    this.lo = lo
    this.hi = hi
    if (!this.#resolution || !Number.isFinite(hi - lo)) return
    const first = firstIndexFrom(this.#resolution, lo)
    const last = lastIndexTo(this.#resolution, hi)
    if (first > last) return
    this.lo = multipleAt(this.#resolution, first)
    this.hi = multipleAt(this.#resolution, last)
  }

  /** Nothing is known of the last value any more; the guess stays where it can. */
  forget(): void {
    this.begin()
    this.#leansOnRange = true
    this.bound = Number.POSITIVE_INFINITY
    if (!(this.value >= this.#min && this.value <= this.#max)) this.value = this.#middle()
  }

  /** The encoder starts anew and so does all that is known. */
  begin(): void {
    this.lo = this.#min
    this.hi = this.#max
    this.#leansOnRange = false
    this.#leansOnStep = false
    this.#leansOnResolution = false
  }

  /**
   * Takes a value that came whole, give or take `halfWidth`. False where it contradicts a declaration, which
   * is then dropped and everything forgotten.
   */
  settleWhole(value: number, halfWidth: number): boolean {
    const lo = value - halfWidth
    const hi = value + halfWidth
    if (lo > this.#max || hi < this.#min) return this.#contradict('range', true)
    if (this.#resolution) {
      const index = nearestIndex(this.#resolution, value)
      const g = multipleAt(this.#resolution, index)
      if (Math.abs(g - value) > halfWidth) return this.#contradict('resolution', true)
      // No other multiple is within reach.
      if (halfWidth < this.#resolution.step - Math.abs(g - value)) return this.#takeWhole(g, g, g)
    }
    return this.#takeWhole(value, lo, hi)
  }

  #takeWhole(value: number, lo: number, hi: number): boolean {
    if (lo > this.nextHi || hi < this.nextLo) return this.#contradict('max-step', true)
    this.#take(value, lo, hi)
    return true
  }

  /**
   * Takes a value that was inferred to lie in [lo, hi] and is best guessed by `guess`. Where it came as a
   * `delta` against a prediction in [fromLo, fromHi], only those multiples stay that the device would have
   * encoded so: its rounding is monotone in both value and prediction, so the ends decide, ties included. Where it
   * came as a repetition of one in [fromLo, fromHi], those stay that the device finds closer to it than `same`.
   *
   * False where the value contradicts a declaration, which is then dropped and everything forgotten.
   */
  settle(
    guess: number,
    lo: number,
    hi: number,
    delta = NOT_TOLD,
    fromLo = 0,
    fromHi = 0,
    scale = 1,
    same = NOT_TOLD,
  ): boolean {
    const clippedLo = Math.max(lo, this.nextLo)
    const clippedHi = Math.min(hi, this.nextHi)
    if (clippedLo > clippedHi) {
      return this.#contradict(lo > this.#max || hi < this.#min ? 'range' : 'max-step', false)
    }
    this.#leansOnRange ||= lo < this.#min || hi > this.#max
    this.#leansOnStep ||= clippedLo > Math.max(lo, this.#min) || clippedHi < Math.min(hi, this.#max)
    if (!this.#resolution || !Number.isFinite(clippedHi - clippedLo)) {
      this.#take(guess, clippedLo, clippedHi)
      return true
    }
    let first = firstIndexFrom(this.#resolution, clippedLo)
    let last = lastIndexTo(this.#resolution, clippedHi)
    while (first <= last && this.#isBelow(first, delta, fromLo, scale, same)) first++
    while (first <= last && this.#isAbove(last, delta, fromHi, scale, same)) last--
    if (first > last) return this.#contradict('resolution', false)
    this.#leansOnResolution = true
    const near = Number.isNaN(guess) ? this.value : guess
    const index = Math.min(Math.max(nearestIndex(this.#resolution, near), first), last)
    this.#take(
      multipleAt(this.#resolution, index),
      multipleAt(this.#resolution, first),
      multipleAt(this.#resolution, last),
    )
    return true
  }

  /** As `settle`, for the repetition of a value in [lo, hi], which lies closer to it than `same`. */
  settleRepeated(lo: number, hi: number, same: number): boolean {
    const slack = roundingSlack(Math.max(Math.abs(lo), Math.abs(hi)), same)
    const [least, most] = [lo - same - slack, hi + same + slack]
    return this.settle((lo + hi) / 2, least, most, NOT_TOLD, lo, hi, 1, same)
  }

  /** The last value is known to lie in [lo, hi]. */
  narrow(lo: number, hi: number): void {
    this.#leansOnResolution = true
    this.#take(this.value, Math.max(this.lo, lo), Math.min(this.hi, hi))
  }

  /** No state is possible any more: whatever was leaned on may be false. */
  refute(): void {
    this.#contradict(this.#leansOnStep ? 'max-step' : 'resolution', false)
  }

  /** Lays down all that it knows: eleven numbers, then one for each contradiction. */
  pack(row: NumberRow): void {
    row.put(this.value)
    row.put(this.bound)
    row.put(this.lo)
    row.put(this.hi)
    row.put(this.#min)
    row.put(this.#max)
    row.put(this.#maxStep)
    row.putFlag(this.quantised)
    row.putFlag(this.#leansOnRange)
    row.putFlag(this.#leansOnStep)
    row.putFlag(this.#leansOnResolution)
    for (const named of this.contradictions) row.put(CONTRADICTIONS.indexOf(named))
  }

  /** Lays down two numbers where the last value is known to the bit and nothing was contradicted; else false. */
  packTight(row: NumberSink): boolean {
    const { value, lo, hi, bound, contradictions } = this
    if (bound !== 0 || !isSame(lo, value) || !isSame(hi, value) || contradictions.length > 0)
      return false
    row.putReal(value)
    const others = (this.#leansOnStep ? 2 : 0) + (this.#leansOnResolution ? 4 : 0)
    row.put((this.#leansOnRange ? 1 : 0) + others)
    return true
  }

  /** Takes up what `packTight` has laid down. */
  unpackTight(row: NumberSource): void {
    this.value = this.lo = this.hi = row.takeReal()
    this.bound = 0
    const leans = row.take()
    this.#leansOnRange = (leans & 1) !== 0
    this.#leansOnStep = (leans & 2) !== 0
    this.#leansOnResolution = (leans & 4) !== 0
    if (!this.#isAsDeclared) this.#believe()
  }

  /** Takes up what `pack` has laid down, `PACKED_REACH` numbers or more. */
  unpack(row: NumberRow, length: number): void {
    this.#believe()
    this.#isAsDeclared = false
    this.value = row.take()
    this.bound = row.take()
    this.lo = row.take()
    this.hi = row.take()
    this.#min = row.take()
    this.#max = row.take()
    this.#maxStep = row.take()
    this.#resolution = row.take() === 0 ? undefined : this.#declared.resolution
    this.#leansOnRange = row.takeFlag()
    this.#leansOnStep = row.takeFlag()
    this.#leansOnResolution = row.takeFlag()
    for (let left = length - PACKED_REACH; left > 0; left--) {
      const contradiction = CONTRADICTIONS[row.take()]
      if (contradiction) this.contradictions.push(contradiction)
    }
  }

  /**
   * As `settle`, for a delta against a prediction known to the bit, where the last value is known too: true
   * where one multiple alone fits without any doubt. Else nothing has changed, and `settle` has to look closer.
   */
  settleExactly(delta: number, from: number, scale: number): boolean {
    const resolution = this.#resolution
    if (resolution === undefined) return false
    const index = nearestIndex(resolution, from + delta / scale)
    const g = multipleAt(resolution, index)
    if (roundHalfAway((g - from) * scale) !== delta) return false
    // measured: neighbours further apart than a delta's unit need no look; that saves a third of the time.
    if (resolution.step * scale < 1.5) {
      if (this.#encode(index - 1, from, scale) === delta) return false
      if (this.#encode(index + 1, from, scale) === delta) return false
    }
    if (g < this.#min || g > this.#max || Math.abs(g - this.value) > this.#maxStep) return false
    this.#leansOnResolution = true
    this.lo = g
    this.hi = g
    this.value = g
    this.bound = 0
    return true
  }

  /** All that was declared is taken for true again. */
  #believe(): void {
    this.#isAsDeclared = true
    this.#resolution = this.#declared.resolution
    this.#min = this.#declared.min
    this.#max = this.#declared.max
    this.#maxStep = this.#declared.maxStep
    if (this.contradictions.length > 0) this.contradictions.length = 0
  }

  /** Where nothing was told, none is. */
  #isBelow(index: number, delta: number, from: number, scale: number, same: number): boolean {
    if (!Number.isNaN(delta)) return this.#encode(index, from, scale) < delta
    return from - multipleAt(this.#resolution as Resolution, index) >= same
  }

  #isAbove(index: number, delta: number, from: number, scale: number, same: number): boolean {
    if (!Number.isNaN(delta)) return this.#encode(index, from, scale) > delta
    return multipleAt(this.#resolution as Resolution, index) - from >= same
  }

  #encode(index: number, from: number, scale: number): number {
    return roundHalfAway((multipleAt(this.#resolution as Resolution, index) - from) * scale)
  }

  #middle(): number {
    const middle = (this.#min + this.#max) / 2
    if (!Number.isFinite(middle)) return 0
    return this.#resolution
      ? multipleAt(this.#resolution, nearestIndex(this.#resolution, middle))
      : middle
  }

  #take(guess: number, lo: number, hi: number): void {
    // The middle of an unbounded interval is no guess: the last one serves.
    if (Number.isNaN(guess)) guess = this.value
    this.lo = lo
    this.hi = hi
    const value = Math.min(Math.max(guess, lo), hi)
    this.value = value
    const reach = Math.max(hi - value, value - lo)
    // Rounded up: a bound that is a bit too small is no bound.
    this.bound = reach > 0 ? reach * (1 + 2 ** -50) : 0
  }

  #contradict(named: Contradiction, whole: boolean): false {
    this.#isAsDeclared = false
    this.contradictions.push(named)
    // A value that came whole convicts the range or the resolution that it breaks. Whatever was inferred may
    // be wrong on account of any declaration that the inference leaned on, so those go with it.
    const certain = whole && named !== 'max-step'
    if (named === 'resolution' || (!certain && this.#leansOnResolution))
      this.#resolution = undefined
    if (named === 'max-step' || (!certain && this.#leansOnStep))
      this.#maxStep = Number.POSITIVE_INFINITY
    if (named === 'range' || (!certain && this.#leansOnRange)) {
      this.#min = Number.NEGATIVE_INFINITY
      this.#max = Number.POSITIVE_INFINITY
    }
    this.forget()
    return false
  }
}
