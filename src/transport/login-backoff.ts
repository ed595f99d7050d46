import { type BucketPolicy, FailureLimit, isLoopback } from '../resilience/index.js'

/** Slows down who guesses passwords. */
export class LoginBackoff {
  readonly #limit: FailureLimit

  constructor(limit?: BucketPolicy) {
    this.#limit = new FailureLimit(limit)
  }

  /** Whether this address, for this user, may try now; monotonic milliseconds. */
  mayTry(address: string, user: string, now: number): boolean {
    return this.#limit.mayTry(guesser(address, user), now)
  }

  failed(address: string, user: string, now: number): void {
    this.#limit.failed(guesser(address, user), now)
  }
}

/** The programs of this machine share one address: there, one with an old password must not lock out the others. */
const guesser = (address: string, user: string): string =>
  isLoopback(address) ? `user ${user.slice(0, 128)}` : address
