import type { RecentFrames } from './recent-frames.js'
import { SEQUENCES } from './stream-position.js'

/** A frame that is more than so many behind its time is not expected any more. */
const REACH = 16
const MOST = 4 * REACH

export type Seen = ReturnType<RecentFrames['find']>

/**
 * Frames of a device's former encoders that may still be on their way. After a restart the numbers begin anew, and a
 * late frame, or a late copy of one, shows just what the new encoder's frame of that number would show.
 */
export class Stragglers {
  readonly #awaited = new Set<number>()
  /** Every frame since the restart had the bytes of its predecessor: then a copy decodes to the same values. */
  #repeating = false

  /** Whether a frame that goes on from the one before may be an old one all the same: it must count as lost. */
  mayBe(sequence: number, seen: Seen): boolean {
    return seen === 'same-before' ? !this.#repeating : this.#awaited.has(sequence)
  }

  /** A frame went on from the one before it, of which `seen` says whether its bytes came in an earlier epoch. */
  goesOn(sequence: number, lost: number, seen: Seen): void {
    this.#awaited.delete(sequence)
    this.#repeating &&= lost === 0 && seen === 'same-before'
  }

  /**
   * A new encoder's first frame has come; the last one of the former had the number `last`, and had time to send
   * `unheard` more. What did not come of them may still come.
   */
  begin(
    last: number | null | undefined,
    unheard: number,
    recent: RecentFrames,
    epoch: number,
    seen: Seen,
  ): void {
    this.#repeating = seen === 'same' || seen === 'same-before'
    if (last === null || last === undefined) return
    const ahead = Math.min(REACH, unheard)
    for (let n = Math.max(0, last - REACH); n <= last + ahead; n++) {
      if (n > last || !recent.has(n, epoch)) this.#await(n % SEQUENCES)
    }
  }

  save(): number[] {
    return [this.#repeating ? 1 : 0, ...this.#awaited]
  }

  restore([repeating = 0, ...awaited]: readonly number[]): void {
    this.#repeating = repeating === 1
    for (const sequence of awaited) this.#await(sequence)
  }

  #await(sequence: number): void {
    this.#awaited.delete(sequence)
    this.#awaited.add(sequence)
    const [oldest] = this.#awaited
    if (this.#awaited.size > MOST && oldest !== undefined) this.#awaited.delete(oldest)
  }
}
