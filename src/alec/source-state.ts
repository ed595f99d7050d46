import { average, SETTLED } from './average.js'

/** All that a context knows of one source; what an ALCS file stores of it. */
export interface SourceRecord {
  readonly key: number
  readonly count: number
  readonly last: number
  readonly ema: number
  readonly mean: number
  readonly m2: number
  readonly maxHistory: number
  /** Oldest first. */
  readonly history: readonly number[]
}

/** What an encoder or decoder may see of a source. */
export interface SourceView {
  readonly count: number
  /** 0 for a source that is registered and has observed nothing. */
  readonly last: number
  readonly ema: number
  /** Only where `count` is above 0. */
  readonly prediction: number
}

/** One source's running statistics and its last values, bit for bit as the device computes them. */
export class SourceState implements SourceView {
  count = 0
  last = 0
  ema = 0
  readonly #maxHistory: number
  #mean = 0
  #m2 = 0
  // A ring once it is full; until then it grows, so that a claimed history of thousands costs nothing by itself.
  #history: Float64Array
  #length = 0
  #oldest = 0

  constructor(maxHistory: number) {
    this.#maxHistory = maxHistory
    this.#history = new Float64Array(Math.min(maxHistory, 16))
  }

  static from(record: SourceRecord): SourceState {
    const source = new SourceState(record.maxHistory)
    source.count = record.count
    source.last = record.last
    source.ema = record.ema
    source.#mean = record.mean
    source.#m2 = record.m2
    for (const value of record.history) source.#remember(value)
    return source
  }

  observe(value: number): void {
    this.count++
    this.last = value
    this.ema = this.count === 1 ? value : average(value, this.ema)
    const offset = value - this.#mean
    this.#mean += offset / this.count
    this.#m2 += offset * (value - this.#mean)
    this.#remember(value)
  }

  get prediction(): number {
    return this.count < SETTLED ? this.last : this.ema
  }

  /** How far the device trusts the prediction, from the sample variance: 0.5 to 0.95, 0 where there is none. */
  get confidence(): number {
    if (this.count === 0) return 0
    const variance = this.count < 2 ? 0 : this.#m2 / (this.count - 1)
    if (variance < 0.001) return 0.95
    if (variance < 0.01) return 0.85
    return variance < 0.1 ? 0.7 : 0.5
  }

  record(key: number): SourceRecord {
    const { count, last, ema } = this
    const ring = this.#history.subarray(0, this.#length)
    const history = [...ring.subarray(this.#oldest), ...ring.subarray(0, this.#oldest)]
    const mean = this.#mean
    const m2 = this.#m2
    return { key, count, last, ema, mean, m2, maxHistory: this.#maxHistory, history }
  }

  #remember(value: number): void {
    if (this.#maxHistory === 0) return
    if (this.#length === this.#maxHistory) {
      this.#history[this.#oldest] = value
      this.#oldest = (this.#oldest + 1) % this.#maxHistory
      return
    }
    if (this.#length === this.#history.length) {
      const grown = new Float64Array(Math.min(2 * this.#length, this.#maxHistory))
      grown.set(this.#history)
      this.#history = grown
    }
    this.#history[this.#length++] = value
  }
}
