import { AverageInterval, SETTLED } from './average.js'
import type { ChannelDeclaration, EncoderState, EstimateView } from './estimate.js'
import type { NumberRow, NumberSink, NumberSource } from './number-row.js'
import { ObservationCount } from './observation-count.js'
import { type Poison, Prediction } from './prediction.js'
import { isSame } from './same.js'
import { PACKED_REACH, SensorReach } from './sensor-reach.js'

/** By the code that stands for them in a row. */
const POISONS: readonly Poison[] = ['no', 'perhaps', 'yes']

/** So many numbers of a packed state come before those of the reach. */
const PACKED_OWN = 8
/** So many numbers are at least in a packed state. */
export const PACKED_STATE = PACKED_OWN + PACKED_REACH
/** So many are in one that is packed tightly. */
export const TIGHT_STATE = 4

/**
 * What is known of a channel's state in an open-loop device: its average lies in [ema.lo, ema.hi], its last
 * value in [reach.lo, reach.hi]. Beside them run the very numbers that a plain decoder would have.
 */
export class OpenLoopState {
  readonly reach: SensorReach
  readonly ema = new AverageInterval()
  readonly count = new ObservationCount()
  /** What a plain decoder takes for the last value; no number after a NaN, until a whole value comes. */
  last = 0
  emaPoison: Poison = 'no'
  lastPoison: Poison = 'no'
  readonly #prediction = new Prediction()

  constructor(declared: ChannelDeclaration) {
    this.reach = new SensorReach(declared)
  }

  /** Known to the bit. */
  get exact(): boolean {
    if (this.emaPoison !== 'no' || this.lastPoison !== 'no') return false
    if (this.count.atLeast === 0) return this.count.exactly
    return (
      this.ema.lo === this.ema.hi &&
      this.reach.lo === this.reach.hi &&
      (this.count.exactly || this.count.settled)
    )
  }

  /** Both average and last value are known to the bit, and the device predicts by the former. */
  get steady(): boolean {
    return (
      this.ema.lo === this.ema.hi &&
      this.reach.lo === this.reach.hi &&
      this.count.atLeast === SETTLED &&
      this.emaPoison === 'no' &&
      this.lastPoison === 'no'
    )
  }

  /** While steady: the device observes the value that `reach` has just settled exactly. */
  step(): void {
    this.last = this.reach.value
    this.ema.step(this.last)
  }

  begin(): void {
    this.reach.begin()
    this.last = 0
    this.ema.set(0, 0, 0)
    this.emaPoison = 'no'
    this.lastPoison = 'no'
    this.count.set(0, true)
  }

  forget(observations: number): void {
    this.reach.forget()
    this.ema.set(this.reach.value, this.reach.min, this.reach.max)
    this.last = this.reach.value
    this.emaPoison = 'perhaps'
    this.lastPoison = 'perhaps'
    this.count.set(observations, false)
  }

  /** What the device predicts now; one object, good until the next call. */
  predict(): Readonly<Prediction> {
    const prediction = this.#prediction
    prediction.make(this.count, this.ema, this.reach, this.last)
    if (prediction.by !== 'last') prediction.doubt(this.emaPoison)
    if (prediction.by !== 'average') prediction.doubt(this.lastPoison)
    return prediction
  }

  /** The device observes the value that `reach` has just settled; a plain decoder may take it for another. */
  observe(value = this.reach.value): void {
    this.lastPoison = 'no'
    this.last = value
    this.ema.follow(value, this.count.atLeast === 0)
    this.ema.observe(this.reach.lo, this.reach.hi, this.count.next)
    this.count.add()
  }

  /** The device observes NaN or ±∞. */
  observeNonFinite(value: number): void {
    this.reach.pass()
    this.last = value
    this.lastPoison = 'yes'
    this.ema.follow(value, this.count.atLeast === 0)
    this.#poisonAverage(this.ema.point)
    this.count.add()
  }

  /** The device observes what never arrives; `surely` or perhaps. */
  miss(surely: boolean): void {
    const { lo, hi } = this.ema
    this.reach.pass()
    this.ema.observe(this.reach.lo, this.reach.hi, this.count.next)
    if (surely) this.count.add()
    else {
      // What was possible before stays possible.
      this.ema.widen(lo, hi)
      this.count.addPerhaps()
    }
  }

  /** Takes over what the encoder says of itself; false where that contradicts a declaration. */
  adopt({ count, last, ema }: EncoderState): boolean {
    this.begin()
    if (count === 0) return true
    this.last = last
    if (!Number.isFinite(last)) this.lastPoison = 'yes'
    else if (!this.reach.settleWhole(last, 0)) return false
    if (Number.isFinite(ema)) this.ema.set(ema, ema, ema)
    else this.#poisonAverage(ema)
    this.count.set(count, true)
    return true
  }

  describe(): EstimateView {
    const { lo, hi, inForce } = this.reach
    const { atLeast, exactly } = this.count
    return {
      prediction: this.predict().describe(),
      last: { point: this.last, lo, hi },
      average: { point: this.ema.point, lo: this.ema.lo, hi: this.ema.hi },
      sensor: { lo, hi },
      observations: { atLeast, exactly },
      candidates: this.exact ? 1 : undefined,
      inForce,
    }
  }

  pack(row: NumberRow): void {
    row.put(this.ema.point)
    row.put(this.ema.lo)
    row.put(this.ema.hi)
    row.put(this.last)
    row.put(POISONS.indexOf(this.emaPoison))
    row.put(POISONS.indexOf(this.lastPoison))
    row.put(this.count.atLeast)
    row.putFlag(this.count.exactly)
    this.reach.pack(row)
  }

  /** Lays down `TIGHT_STATE` numbers where all is known to the bit; else none, and false. */
  packTight(row: NumberSink): boolean {
    const { ema, reach, last } = this
    const isOne = isSame(ema.lo, ema.hi) && isSame(ema.point, ema.lo)
    if (!this.steady || !isOne || !isSame(last, reach.value)) return false
    if (!reach.packTight(row)) return false
    row.putReal(ema.lo)
    row.putFlag(this.count.exactly)
    return true
  }

  /** Takes up what `pack` or `packTight` has laid down. */
  unpack(row: NumberRow, length: number): boolean {
    if (length === TIGHT_STATE) {
      this.unpackTight(row)
      return true
    }
    if (length < PACKED_STATE) return false
    this.ema.set(row.take(), row.take(), row.take())
    this.last = row.take()
    this.emaPoison = POISONS[row.take()] ?? 'perhaps'
    this.lastPoison = POISONS[row.take()] ?? 'perhaps'
    this.count.set(row.take(), row.takeFlag())
    this.reach.unpack(row, length - PACKED_OWN)
    return true
  }

  /** Takes up what `packTight` has laid down. */
  unpackTight(row: NumberSource): void {
    this.reach.unpackTight(row)
    this.last = this.reach.value
    const ema = row.takeReal()
    this.ema.set(ema, ema, ema)
    this.emaPoison = 'no'
    this.lastPoison = 'no'
    this.count.set(SETTLED, row.takeFlag())
  }

  /** The average is no number; its interval is kept as what it would be in a device that has rebooted unseen. */
  #poisonAverage(point: number): void {
    this.ema.set(point, this.reach.min, this.reach.max)
    this.emaPoison = 'yes'
  }
}
