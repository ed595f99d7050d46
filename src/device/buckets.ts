import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'

/**
 * What each of many devices may send now, by its seat: one column, so that nobody needs a device's room to let its frame
 * in. Between that and its decoding others may have had the room.
 */
export class Buckets {
  readonly #policy: BucketPolicy
  /** When each will be full again. */
  #fullAt = new Float64Array(64).fill(FULL_BUCKET)

  constructor(policy: BucketPolicy) {
    this.#policy = policy
  }

  /** Whether a token is left. */
  has(seat: number, now: number): boolean {
    return hasToken(this.#fullAt[seat] ?? FULL_BUCKET, now, this.#policy)
  }

  /** Takes a token; false where none is left. */
  take(seat: number, now: number): boolean {
    if (seat >= this.#fullAt.length) this.#grow(seat)
    const fullAt = this.#fullAt[seat]!
    if (!hasToken(fullAt, now, this.#policy)) return false
    this.#fullAt[seat] = takeToken(fullAt, now, this.#policy)
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
