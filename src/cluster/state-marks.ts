import type { Clock } from '../clock.js'
import type { TimeShift } from '../device/index.js'
import { parseExact } from '../journal/index.js'
import type { GroupClock, Mark } from './group-clock.js'
import type { KeptState, TimeSample } from './state-store.js'

/** What the bridge before us knew of a device, and what takes its times to our clock. */
export interface TakenState {
  readonly device: string
  readonly state: unknown
  readonly shift: TimeShift
}

/** States as they are kept: each says when it was written, so that another bridge can read its times. */
export class StateMarks {
  readonly #groupClock: GroupClock
  readonly #clock: Pick<Clock, 'mono' | 'wall'>
  #unreadable = 0

  constructor(groupClock: GroupClock, clock: Pick<Clock, 'mono' | 'wall'>) {
    this.#groupClock = groupClock
    this.#clock = clock
  }

  /** States that were not as we write them: their devices begin anew. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** What the store's clock showed. */
  hear(time: TimeSample): void {
    this.#groupClock.hear(time)
  }

  marked(states: readonly KeptState[]): KeptState[] {
    const mark = JSON.stringify(this.#groupClock.mark(this.#clock.mono(), this.#clock.wall()))
    return states.map(([device, state]): KeptState => [device, `{"at":${mark},"device":${state}}`])
  }

  taken(kept: readonly KeptState[]): TakenState[] {
    const [mono, wall] = [this.#clock.mono(), this.#clock.wall()]
    return kept.flatMap(([device, text]): TakenState[] => {
      const read = unmarked(text)
      if (!read) {
        this.#unreadable++
        return []
      }
      const shift = this.#groupClock.shift(read.mark, mono, wall)
      return [{ device, state: read.state, shift }]
    })
  }
}

/** The parts of a kept state; undefined where it is none of ours. */
function unmarked(text: string): { readonly mark: Mark; readonly state: unknown } | undefined {
  try {
    const kept = parseExact(text)
    if (typeof kept !== 'object' || kept === null || !('at' in kept) || !('device' in kept))
      return undefined
    return isMark(kept.at) ? { mark: kept.at, state: kept.device } : undefined
  } catch {
    return undefined
  }
}

const isMark = (value: unknown): value is Mark =>
  Array.isArray(value) &&
  value.length === 5 &&
  value.slice(0, 4).every((number) => typeof number === 'number' && Number.isFinite(number)) &&
  typeof value[4] === 'string'
