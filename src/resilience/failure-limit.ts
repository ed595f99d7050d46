import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from './token-bucket.js'

/** Failures of one guesser; ten a minute. */
export const defaultFailureLimit: BucketPolicy = Object.freeze({ perSecond: 10 / 60, burst: 10 })

/** Guessers that are remembered; a longer list than this is a flood, which the rate of connections bounds. */
const MAX_REMEMBERED = 1000

/** Slows down who guesses secrets: so many failures are free, then it is one try at a time. */
export class FailureLimit {
  readonly #limit: BucketPolicy
  /** When each is free of its failures again, the oldest failure first. */
  readonly #fullAt = new Map<string, number>()

  constructor(limit: BucketPolicy = defaultFailureLimit) {
    this.#limit = limit
  }

  /** Whether this one may try now; monotonic milliseconds. */
  mayTry(guesser: string, now: number): boolean {
    return hasToken(this.#fullAt.get(guesser) ?? FULL_BUCKET, now, this.#limit)
  }

  failed(guesser: string, now: number): void {
    const fullAt = takeToken(this.#fullAt.get(guesser) ?? FULL_BUCKET, now, this.#limit)
    this.#fullAt.delete(guesser)
    this.#fullAt.set(guesser, fullAt)
    if (this.#fullAt.size <= MAX_REMEMBERED) return
    const [oldest] = this.#fullAt.keys()
    if (oldest !== undefined) this.#fullAt.delete(oldest)
  }
}
