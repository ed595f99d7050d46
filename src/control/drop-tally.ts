import type { ReadingsVerdict } from '../device/index.js'

/** Readings of one device that a limit dropped: one range of keys. */
export interface DroppedRange {
  readonly device: string
  /** `<epoch>/<seq>` of the first and the last. */
  readonly fromKey: string
  readonly toKey: string
  readonly count: number
}

type Readings = Pick<ReadingsVerdict, 'device' | 'epoch' | 'seq'>

/** Sums up dropped readings by device, so that they can be named. */
export class DropTally {
  readonly #ranges = new Map<string, { first: Readings; last: Readings; count: number }>()

  add(verdict: Readings): void {
    const range = this.#ranges.get(verdict.device)
    if (!range) this.#ranges.set(verdict.device, { first: verdict, last: verdict, count: 1 })
    else {
      range.last = verdict
      range.count++
    }
  }

  /** What was dropped since the last call. */
  take(): DroppedRange[] {
    const ranges = Array.from(this.#ranges, ([device, { first, last, count }]) => ({
      device,
      fromKey: keyOf(first),
      toKey: keyOf(last),
      count,
    }))
    this.#ranges.clear()
    return ranges
  }
}

const keyOf = ({ epoch, seq }: Readings): string => `${epoch}/${seq}`
