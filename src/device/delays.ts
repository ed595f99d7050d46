import type { IntervalKnowledge } from './interval.js'
import { LateRun } from './late-run.js'
import { isTooSoon, Lateness } from './lateness.js'
import type { Parcel } from './parcel.js'
import type { RecentFrames } from './recent-frames.js'
import { type Seen, Stragglers } from './stragglers.js'
import type { Continuity, FrameSight } from './stream-position.js'

/** What is kept of delays over a restart; absent in states of an older version. */
export interface DelayMemory {
  readonly latenessMs?: number
  readonly stragglers?: readonly number[]
  readonly lateRun?: readonly number[]
  readonly hidden?: readonly number[]
}

/** The stream before a frame that comes now. */
interface Before {
  readonly last: number | null | undefined
  readonly recent: RecentFrames
  readonly epoch: number
  readonly now: number
  readonly interval: IntervalKnowledge
}

const UNKNOWN_INTERVAL_MS = 3_600_000

/** What frames that were held up on their way could make a stream believe: the arguments against it. */
export class Delays {
  readonly #lateness = new Lateness()
  readonly #stragglers = new Stragglers()
  readonly #lateRun = new LateRun()

  /** How much earlier than it came the last frame may have been sent. */
  get latenessMs(): number {
    return this.#lateness.ms
  }

  /** What a frame is after all: late ones that come like those of a restarted device are no late ones. */
  reconsider(continuity: Continuity, sight: FrameSight, seen: Seen, now: number): Continuity {
    if (continuity.kind !== 'late' || seen !== undefined) return continuity
    return this.#lateRun.goesOn(sight.sequence, now, sight.shortestIntervalMs)
      ? continuity
      : {
          kind: 'unknown',
          cause: 'device-reboot',
          message: 'the device has started again; its first frames are missing',
        }
  }

  /** Whether a frame may be one of a former encoder although it seems to go on: then it has to count as lost. */
  turnsAway({ kind }: Continuity, sequence: number, seen: Seen, now: number): boolean {
    return kind === 'continues' && this.#stragglers.turnsAway(sequence, seen, now)
  }

  /** A frame comes, whatever becomes of it: so long behind another, where that matters. */
  hear(now: number): number {
    return this.#stragglers.hear(now)
  }

  /**
   * Whether a frame that goes on from the one before it may be of another encoder all the same: one that started in the
   * silence before a restart, and of which nothing has come so far. What was held up of it comes behind the frames that
   * have overtaken it, and fits them; but it comes together with them. `sinceMs`: so long behind another (`hear`).
   */
  doubts({ kind }: Continuity, sight: FrameSight, sinceMs: number, now: number): boolean {
    return (
      kind === 'continues' &&
      isTooSoon(1, sinceMs, sight.shortestIntervalMs) &&
      this.#stragglers.mayBeHidden(sight.sequence, now)
    )
  }

  /** A frame is taken in. */
  follow(continuity: Continuity, sight: FrameSight, seen: Seen, before: Before): void {
    const { silenceMs, latenessMs, shortestIntervalMs } = sight
    const { last, recent, epoch, now, interval } = before
    this.#lateRun.end()
    if (continuity.kind === 'continues') {
      this.#lateness.observe(continuity.lost + 1, silenceMs, interval.declaredMs)
      this.#stragglers.goesOn(sight.sequence, continuity.lost, seen)
      return
    }
    if (continuity.kind === 'fresh') this.#lateness.reset()
    else this.#lateness.observeUnknown(silenceMs, interval.declaredMs)
    // What the new encoder has sent since took its time as well. With no interval known any silence hides a restart.
    const known = shortestIntervalMs > 0
    const passed = known ? Math.ceil((silenceMs + latenessMs) / shortestIntervalMs) : 0
    const unheard = passed - sight.sequence - 1
    const intervalMs = interval.typicalMs || UNKNOWN_INTERVAL_MS
    this.#stragglers.begin({ last, unheard, recent, epoch, seen, now, silenceMs, intervalMs })
  }

  pack(parcel: Parcel): void {
    parcel.put(this.#lateness.ms)
    const isPunctual = this.#stragglers.isIdle && this.#lateRun.isIdle
    parcel.putFlag(isPunctual)
    if (isPunctual) return
    this.#stragglers.pack(parcel)
    this.#lateRun.pack(parcel)
  }

  unpack(parcel: Parcel): void {
    this.#lateness.ms = parcel.take()
    if (parcel.takeFlag()) {
      this.#stragglers.clear()
      this.#lateRun.clear()
      return
    }
    this.#stragglers.unpack(parcel)
    this.#lateRun.unpack(parcel)
  }

  save(): DelayMemory {
    return {
      latenessMs: this.#lateness.ms,
      stragglers: this.#stragglers.save(),
      lateRun: this.#lateRun.save(),
      hidden: this.#stragglers.saveHidden(),
    }
  }

  restore({ latenessMs = 0, stragglers = [], lateRun = [], hidden = [] }: DelayMemory): void {
    this.#lateRun.restore(lateRun)
    this.#lateness.ms = latenessMs
    this.#stragglers.restore(stragglers)
    this.#stragglers.restoreHidden(hidden)
  }
}
