import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'
import { isLoopback } from './connection-caps.js'

/** Failed logins of one address; ten a minute. */
export const defaultLoginLimit: BucketPolicy = Object.freeze({ perSecond: 10 / 60, burst: 10 })

/** Addresses that are remembered; a longer list of guesses than this is a flood, which the connection rate bounds. */
const MAX_REMEMBERED = 1000

/** Slows down who guesses passwords. */
export class LoginBackoff {
  readonly #limit: BucketPolicy
  /** When each is free of its failures again, the oldest failure first. */
  readonly #fullAt = new Map<string, number>()

  constructor(limit: BucketPolicy = defaultLoginLimit) {
    this.#limit = limit
  }

  /** Whether this address, for this user, may try now; monotonic milliseconds. */
  mayTry(address: string, user: string, now: number): boolean {
    return hasToken(this.#fullAt.get(guesser(address, user)) ?? FULL_BUCKET, now, this.#limit)
  }

  failed(address: string, user: string, now: number): void {
    const key = guesser(address, user)
    const fullAt = takeToken(this.#fullAt.get(key) ?? FULL_BUCKET, now, this.#limit)
    this.#fullAt.delete(key)
    this.#fullAt.set(key, fullAt)
    if (this.#fullAt.size <= MAX_REMEMBERED) return
    const [oldest] = this.#fullAt.keys()
    if (oldest !== undefined) this.#fullAt.delete(oldest)
  }
}

/** The programs of this machine share one address: there, one with an old password must not lock out the others. */
const guesser = (address: string, user: string): string =>
  isLoopback(address) ? `user ${user.slice(0, 128)}` : address
