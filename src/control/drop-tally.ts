import type { ReadingsVerdict } from '../device/index.js'

/** Readings of one device that a limit dropped: one range of keys. */
export interface DroppedRange {
  readonly device: string
  /** `<epoch>/<seq>` of the first and the last; empty where the frames were not decoded. */
  readonly fromKey: string
  readonly toKey: string
  readonly count: number
}

/** Sums up dropped readings by device, so that they can be named. */
export class DropTally {
  readonly #decoded = new Map<string, DroppedRange>()
  readonly #refused = new Map<string, DroppedRange>()

  add({ device, epoch, seq }: Pick<ReadingsVerdict, 'device' | 'epoch' | 'seq'>): void {
    const key = `${epoch}/${seq}`
    this.addRange({ device, fromKey: key, toKey: key, count: 1 })
  }

  /** Readings that were named before, where nobody has heard of it. */
  addRange(range: DroppedRange): void {
    const ranges = range.fromKey === '' ? this.#refused : this.#decoded
    const before = ranges.get(range.device)
    ranges.set(range.device, before ? joined(before, range) : range)
  }

  /** What was dropped since the last call. */
  take(): DroppedRange[] {
    const ranges = [...this.#decoded.values(), ...this.#refused.values()]
    this.#decoded.clear()
    this.#refused.clear()
    return ranges
  }
}

function joined(one: DroppedRange, other: DroppedRange): DroppedRange {
  const { device } = one
  const fromKey = isBefore(other.fromKey, one.fromKey) ? other.fromKey : one.fromKey
  const toKey = isBefore(one.toKey, other.toKey) ? other.toKey : one.toKey
  return { device, fromKey, toKey, count: one.count + other.count }
}

function isBefore(one: string, other: string): boolean {
  const [epoch = 0, seq = 0] = one.split('/').map(Number)
  const [otherEpoch = 0, otherSeq = 0] = other.split('/').map(Number)
  return epoch === otherEpoch ? seq < otherSeq : epoch < otherEpoch
}
