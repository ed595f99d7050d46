import { isClockSet } from '../clock.js'
import type { TimeShift } from '../device/index.js'
import type { TimeSample } from './state-store.js'

/**
 * A moment as a bridge saw it when it wrote a state: its own monotonic milliseconds, the least and the most that the
 * store's clock can have shown then, its wall clock, and which run of which bridge it was.
 */
export type Mark = readonly [
  mono: number,
  storeLeast: number,
  storeMost: number,
  wall: number,
  run: string,
]

/** Whose clock may be that far from the store's before somebody should hear of it. */
const TOLERATED_MS = 2000

/**
 * Takes times of one bridge to those of another. Both know the clock of the store that they share, to within the time
 * that an answer took. So that no clock that is set back makes a silence seem shorter than it was, the time that has
 * passed is the longest that the store's clock or their own wall clocks show; where something holds until a time, the
 * shortest.
 */
export class GroupClock {
  readonly #run: string
  #sample: TimeSample | undefined

  /** `run` tells this run of this bridge from all others. */
  constructor(run: string) {
    this.#run = run
  }

  hear(sample: TimeSample): void {
    this.#sample = sample
  }

  mark(mono: number, wall: number): Mark {
    const { least, most } = this.#storeTime(mono)
    return [mono, least, most, wall, this.#run]
  }

  /** What to add to the times of a state that was written at `mark`. */
  shift(mark: Mark, mono: number, wall: number): TimeShift {
    const [thenMono, thenLeast, thenMost, thenWall, run] = mark
    if (run === this.#run) return { past: 0, until: 0 }
    const now = this.#storeTime(mono)
    const byWall = isClockSet(wall) && isClockSet(thenWall) ? [wall - thenWall] : []
    const longest = Math.max(0, now.most - thenLeast, ...byWall)
    const shortest = Math.max(0, Math.min(now.least - thenMost, ...byWall))
    return {
      past: Math.floor(mono - longest - thenMono),
      until: Math.ceil(mono - shortest - thenMono),
    }
  }

  /** How much more the wall clock shows than the store's; undefined where that is no news. */
  wallAheadMs(mono: number, wall: number): number | undefined {
    if (!this.#sample) return undefined
    const { least, most } = this.#storeTime(mono)
    const ahead = wall - (least + most) / 2
    return Math.abs(ahead) > TOLERATED_MS + (most - least) ? Math.round(ahead) : undefined
  }

  /** The answer was on its way for some of the time: that much nobody knows. */
  #storeTime(mono: number): { readonly least: number; readonly most: number } {
    if (!this.#sample) throw new TypeError('the clock of the store has not been heard')
    const { sentAt, storeTime, receivedAt } = this.#sample
    return {
      least: storeTime + (mono - receivedAt),
      most: storeTime + (mono - sentAt),
    }
  }
}
