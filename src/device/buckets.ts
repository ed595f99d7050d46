import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'

/** An empty bucket gives again once there is so much in it: a quarter of a second, and a twentieth of a full one at most. */
const tokensOfRun = ({ perSecond, burst }: BucketPolicy): number =>
  Math.max(1, Math.floor(Math.min(perSecond / 4, burst / 20)))

/**
 * What each of many devices may send now, by its seat: one column, so that nobody needs a device's room to let its frame
 * in. Between that and its decoding others may have had the room. What is over the rate is turned away in runs: one long
 * gap in a device's frames costs it, and everybody else, less than many short ones.
 */
export class Buckets {
  readonly #policy: BucketPolicy
  /** When each will be full again; below 0 where it was found empty, until it gives again. */
  #fullAt = new Float64Array(64).fill(FULL_BUCKET)

  constructor(policy: BucketPolicy) {
    this.#policy = policy
  }

  /** Whether it gives nothing now; to be asked only for a frame that is there. */
  isEmpty(seat: number, now: number): boolean {
    if (seat >= this.#fullAt.length) this.#grow(seat)
    const kept = this.#fullAt[seat]!
    if (kept >= 0) {
      if (hasToken(kept, now, this.#policy)) return false
      this.#fullAt[seat] = -kept
      return true
    }
    return !hasToken(-kept, now, this.#policy, tokensOfRun(this.#policy))
  }

  /** Takes a token; false where none is left. */
  take(seat: number, now: number): boolean {
    if (this.isEmpty(seat, now)) return false
    this.#fullAt[seat] = takeToken(Math.abs(this.#fullAt[seat]!), now, this.#policy)
    return true
  }

  /** Somebody else will have the seat. */
  clear(seat: number): void {
    if (seat < this.#fullAt.length) this.#fullAt[seat] = FULL_BUCKET
  }

  #grow(seat: number): void {
    const bigger = new Float64Array(Math.max(2 * this.#fullAt.length, seat + 1)).fill(FULL_BUCKET)
    bigger.set(this.#fullAt)
    this.#fullAt = bigger
  }
}
