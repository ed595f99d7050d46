import { multipleAt, nearestIndex, parseResolution, type Resolution } from '../../src/alec/index.js'
import type { Random } from '../random.js'
import type { SensorKind } from './kinds.js'
import type { Process } from './processes.js'

/**
 * A sensor in front of a process: it reads whole multiples of its resolution, each the very f64 that parsing
 * the decimal gives, stays within its range and moves no faster than declared. So what is declared is true by
 * construction, however wild the process and however rare the measurements.
 */
export class Signal {
  readonly #process: Process
  readonly #resolution: Resolution
  readonly #lowest: number
  readonly #highest: number
  readonly #fastest: number
  // Index of the last reading: the multiple of the resolution that it was.
  #index = Number.NaN

  /** Throws a RangeError where the kind's resolution is no decimal. */
  constructor(kind: SensorKind, random: Random) {
    const resolution = parseResolution(kind.resolution)
    if (!resolution) throw new RangeError(`resolution ${kind.resolution} is no positive decimal`)
    this.#process = kind.process(random)
    this.#resolution = resolution
    this.#lowest = nearestIndex(resolution, kind.min)
    this.#highest = nearestIndex(resolution, kind.max)
    // One less than declared: the difference of two rounded numbers may come out a hair above the true one.
    this.#fastest = Math.max(1, nearestIndex(resolution, kind.maxStep) - 1)
  }

  /** Measures; `now` is in Unix milliseconds and never decreases. */
  sample(now: number): number {
    let index = nearestIndex(this.#resolution, this.#process.at(now))
    if (!Number.isNaN(this.#index)) {
      index = clamp(index, this.#index - this.#fastest, this.#index + this.#fastest)
    }
    this.#index = clamp(index, this.#lowest, this.#highest)
    return multipleAt(this.#resolution, this.#index)
  }
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value))
