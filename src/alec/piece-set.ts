import { average } from './average.js'
import { roundHalfAway } from './choice.js'
import { firstIndexFrom, lastIndexTo, multipleAt, type Resolution } from './decimal.js'
import type { NumberRow } from './number-row.js'
import { leftOutWidth, roundingSlack } from './slack.js'

/** The limits of a sensor's next value. */
interface StepLimits {
  readonly min: number
  readonly max: number
  readonly maxStep: number
}

/** More pieces than this are no small set. */
const MOST = 2048
/** A loss splits into single values only while the set stays this small; else its pieces widen. */
const MOST_AFTER_SPLIT = 128

/** So many numbers stand for a piece in a row. */
export const PACKED_PIECE = 4

/**
 * The states that a device's channel can be in, as pieces: its average in [emaLo, emaHi] and its last value
 * in [lo, hi], for one of them. A delta must lead from a piece to a multiple of the resolution, which rules
 * most of the pieces out. Every operation returns false where the set has become too big to be of use.
 */
export class PieceSet {
  size = 0
  readonly #resolution: Resolution
  readonly #scale: number
  // measured: columns that grow once, two sets in turn; an object per piece costs four times as much.
  #emaLo = new Float64Array(64)
  #emaHi = new Float64Array(64)
  #lo = new Float64Array(64)
  #hi = new Float64Array(64)
  #next = {
    emaLo: new Float64Array(64),
    emaHi: new Float64Array(64),
    lo: new Float64Array(64),
    hi: new Float64Array(64),
    size: 0,
  }

  constructor(resolution: Resolution, scale: number) {
    this.#resolution = resolution
    this.#scale = scale
  }

  /** Hulls of all pieces. */
  get emaLo(): number {
    return least(this.#emaLo, this.size)
  }

  get emaHi(): number {
    return most(this.#emaHi, this.size)
  }

  get lo(): number {
    return least(this.#lo, this.size)
  }

  get hi(): number {
    return most(this.#hi, this.size)
  }

  /** One piece only. */
  start(emaLo: number, emaHi: number, lo: number, hi: number): void {
    this.#next.size = 0
    this.#add(emaLo, emaHi, lo, hi)
    this.#turn()
  }

  /** Lays down `PACKED_PIECE` numbers for each piece. */
  pack(row: NumberRow): void {
    for (let i = 0; i < this.size; i++) {
      row.put(this.#emaLo[i]!)
      row.put(this.#emaHi[i]!)
      row.put(this.#lo[i]!)
      row.put(this.#hi[i]!)
    }
  }

  unpack(row: NumberRow, length: number): void {
    this.#next.size = 0
    for (let left = length; left >= PACKED_PIECE; left -= PACKED_PIECE)
      this.#add(row.take(), row.take(), row.take(), row.take())
    this.#turn()
  }

  observeDelta(delta: number, limits: StepLimits): boolean {
    const step = delta / this.#scale
    const half = 0.5 / this.#scale
    this.#next.size = 0
    for (let i = 0; i < this.size; i++) {
      const emaLo = this.#emaLo[i]!
      const emaHi = this.#emaHi[i]!
      const lo = this.#lo[i]!
      const hi = this.#hi[i]!
      const slack = roundingSlack(
        Math.abs(step) + 2 * half,
        Math.max(Math.abs(emaLo), Math.abs(emaHi)),
      )
      let first = firstIndexFrom(
        this.#resolution,
        Math.max(emaLo + step - half - slack, leastNext(lo, limits)),
      )
      let last = lastIndexTo(
        this.#resolution,
        Math.min(emaHi + step + half + slack, mostNext(hi, limits)),
      )
      while (first <= last && this.#encode(first, emaLo) < delta) first++
      while (first <= last && this.#encode(last, emaHi) > delta) last--
      if (last - first + this.#next.size > MOST) return false
      for (let index = first; index <= last; index++) {
        const g = multipleAt(this.#resolution, index)
        // What has not changed goes as a repeat, not as a delta.
        if (g === lo && g === hi) continue
        const from = Math.max(emaLo, g - step - half - slack)
        const to = Math.min(emaHi, g - step + half + slack)
        if (from <= to) this.#add(average(g, from), average(g, to), g, g)
      }
    }
    this.#turn()
    return true
  }

  /** A value in [lo, hi] came whole. */
  observeWhole(lo: number, hi: number, limits: StepLimits): void {
    this.#next.size = 0
    for (let i = 0; i < this.size; i++) {
      if (lo > mostNext(this.#hi[i]!, limits) || hi < leastNext(this.#lo[i]!, limits)) continue
      this.#add(average(lo, this.#emaLo[i]!), average(hi, this.#emaHi[i]!), lo, hi)
    }
    this.#turn()
    this.#merge()
  }

  observeRepeated(): void {
    for (let i = 0; i < this.size; i++) {
      this.#emaLo[i] = average(this.#lo[i]!, this.#emaLo[i]!)
      this.#emaHi[i] = average(this.#hi[i]!, this.#emaHi[i]!)
    }
  }

  /** A value was observed and not sent: anything in reach, or where `reach` is given, near the average. */
  pass(limits: StepLimits, reach = Number.POSITIVE_INFINITY): boolean {
    this.#next.size = 0
    for (let i = 0; i < this.size; i++) {
      const emaLo = this.#emaLo[i]!
      const emaHi = this.#emaHi[i]!
      const width = leftOutWidth(emaLo, emaHi, reach)
      const first = firstIndexFrom(
        this.#resolution,
        Math.max(emaLo - width, leastNext(this.#lo[i]!, limits)),
      )
      const last = lastIndexTo(
        this.#resolution,
        Math.min(emaHi + width, mostNext(this.#hi[i]!, limits)),
      )
      if (!Number.isFinite(last - first) || this.#next.size >= MOST) return false
      this.#branch(emaLo, emaHi, first, last)
    }
    this.#turn()
    return true
  }

  #branch(emaLo: number, emaHi: number, first: number, last: number): void {
    if (first > last) return
    if (this.size * (last - first + 1) > MOST_AFTER_SPLIT) {
      const lo = multipleAt(this.#resolution, first)
      const hi = multipleAt(this.#resolution, last)
      this.#add(average(lo, emaLo), average(hi, emaHi), lo, hi)
      return
    }
    for (let index = first; index <= last; index++) {
      const g = multipleAt(this.#resolution, index)
      this.#add(average(g, emaLo), average(g, emaHi), g, g)
    }
  }

  #encode(index: number, from: number): number {
    return roundHalfAway((multipleAt(this.#resolution, index) - from) * this.#scale)
  }

  #add(emaLo: number, emaHi: number, lo: number, hi: number): void {
    const next = this.#next
    if (next.size === next.emaLo.length) {
      next.emaLo = grown(next.emaLo)
      next.emaHi = grown(next.emaHi)
      next.lo = grown(next.lo)
      next.hi = grown(next.hi)
    }
    next.emaLo[next.size] = emaLo
    next.emaHi[next.size] = emaHi
    next.lo[next.size] = lo
    next.hi[next.size] = hi
    next.size++
  }

  #turn(): void {
    const next = this.#next
    const { emaLo, emaHi, lo, hi } = next
    next.emaLo = this.#emaLo
    next.emaHi = this.#emaHi
    next.lo = this.#lo
    next.hi = this.#hi
    this.#emaLo = emaLo
    this.#emaHi = emaHi
    this.#lo = lo
    this.#hi = hi
    this.size = next.size
  }

  /** Joins neighbours with the same last value whose averages overlap: nothing tells them apart any more. */
  #merge(): void {
    let kept = 0
    for (let i = 1; i < this.size; i++) {
      const overlaps =
        this.#emaLo[i]! <= this.#emaHi[kept]! && this.#emaHi[i]! >= this.#emaLo[kept]!
      if (!overlaps) kept++
      this.#emaLo[kept] = overlaps ? Math.min(this.#emaLo[kept]!, this.#emaLo[i]!) : this.#emaLo[i]!
      this.#emaHi[kept] = overlaps ? Math.max(this.#emaHi[kept]!, this.#emaHi[i]!) : this.#emaHi[i]!
      this.#lo[kept] = this.#lo[i]!
      this.#hi[kept] = this.#hi[i]!
    }
    if (this.size > 0) this.size = kept + 1
  }
}

const leastNext = (lo: number, limits: StepLimits): number =>
  Math.max(limits.min, lo - limits.maxStep - roundingSlack(lo, limits.maxStep))

const mostNext = (hi: number, limits: StepLimits): number =>
  Math.min(limits.max, hi + limits.maxStep + roundingSlack(hi, limits.maxStep))

function least(column: Float64Array, size: number): number {
  let result = Number.POSITIVE_INFINITY
  for (let i = 0; i < size; i++) if (column[i]! < result) result = column[i]!
  return result
}

function most(column: Float64Array, size: number): number {
  let result = Number.NEGATIVE_INFINITY
  for (let i = 0; i < size; i++) if (column[i]! > result) result = column[i]!
  return result
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(2 * column.length)
  bigger.set(column)
  return bigger
}
