import type { PublicationQueue } from './publication-queue.js'
import type { PublisherLimits } from './publisher-options.js'

type RoomLimits = Pick<PublisherLimits, 'roomBytes' | 'roomMessages' | 'fewMessages' | 'quickMs'>
type StateLimits = Pick<PublisherLimits, 'roomBytes' | 'fewMessages'>

/** A look at what waited: all of it had a serial below this one. */
interface Look {
  readonly serial: number
  readonly at: number
}

/**
 * Whether there is room for more of what can wait elsewhere: for a few always, for many only where the broker takes what
 * waits quickly. So a burst passes at once, and behind a slow broker little becomes old.
 */
export class OutletRoom {
  readonly #queue: PublicationQueue
  readonly #limits: RoomLimits
  readonly #now: () => number
  #look: Look = { serial: 0, at: 0 }
  /** Somebody asked for room, and there was none. */
  #wanted = false

  constructor(queue: PublicationQueue, limits: RoomLimits, now: () => number) {
    this.#queue = queue
    this.#limits = limits
    this.#now = now
  }

  /** `serial`: of what comes next. */
  has(live: boolean, serial: number): boolean {
    const { roomBytes, roomMessages, fewMessages } = this.#limits
    const has =
      live &&
      (this.#queue.isBelow(roomBytes, fewMessages) ||
        (this.#queue.isBelow(roomBytes, roomMessages) && this.#isQuick(serial)))
    if (!has) this.#wanted = true
    return has
  }

  /** Whether there is room again after there was none; true once. */
  isBack(live: boolean): boolean {
    if (!this.#wanted || !live) return false
    const { roomBytes, fewMessages } = this.#limits
    if (!this.#queue.isBelow(roomBytes / 2, fewMessages / 2)) return false
    this.#wanted = false
    return true
  }

  /** Whether what waited at the last look has left, or has not waited for long. */
  #isQuick(serial: number): boolean {
    const now = this.#now()
    if ((this.#queue.firstAwaited?.serial ?? serial) >= this.#look.serial) {
      this.#look = { serial, at: now }
      return true
    }
    return now - this.#look.at < this.#limits.quickMs
  }
}

/**
 * Whether there is room for more of the states of which only the last one counts: where few wait. Whoever has them says
 * them when there is, as they are then.
 */
export class StateRoom {
  readonly #queue: PublicationQueue
  readonly #limits: StateLimits
  /** Somebody asked for room, and there was none. */
  #wanted = false

  constructor(queue: PublicationQueue, limits: StateLimits) {
    this.#queue = queue
    this.#limits = limits
  }

  has(live: boolean): boolean {
    const { roomBytes, fewMessages } = this.#limits
    // Half of the bytes: readings need room beside them.
    const has = live && this.#queue.isLatestBelow(roomBytes / 2, fewMessages)
    if (!has) this.#wanted = true
    return has
  }

  /** Whether there is room again after there was none; true once. */
  isBack(live: boolean): boolean {
    if (!this.#wanted || !live) return false
    const { roomBytes, fewMessages } = this.#limits
    if (!this.#queue.isLatestBelow(roomBytes / 4, fewMessages / 2)) return false
    this.#wanted = false
    return true
  }
}
