import {
  type Absence,
  type BucketPolicy,
  FULL_BUCKET,
  type HealthCheck,
  hasToken,
  MissedTokens,
  takeToken,
} from '../resilience/index.js'

/** Frames of one port, whatever devices they are of. */
export const defaultPortLimit: BucketPolicy = Object.freeze({ perSecond: 5000, burst: 10_000 })

/** What a frame over the limit is counted as. */
export const RATE_LIMITED = 'rate-limited'

/** A flood is over when nothing had to be turned away for so long. */
const CALM_MS = 10_000

/** Lets a port's frames in at a bounded rate, before anything is spent on them. */
export class PortGate {
  readonly #limit: BucketPolicy
  readonly #missed = new MissedTokens()
  #fullAt = FULL_BUCKET
  #refusedAt = Number.NEGATIVE_INFINITY

  constructor(limit: BucketPolicy = defaultPortLimit) {
    this.#limit = limit
  }

  /**
   * Whether a frame that comes at `now`, monotonic milliseconds, may go on; `absence`: it may have been kept for us.
   */
  admits(now: number, absence?: Absence): boolean {
    if (hasToken(this.#fullAt, now, this.#limit)) {
      this.#fullAt = takeToken(this.#fullAt, now, this.#limit)
      return true
    }
    if (absence && this.#missed.take(absence, now, this.#limit)) return true
    this.#refusedAt = now
    return false
  }

  /** What is wrong while it has to turn frames away; undefined where it does not. */
  complaint(now: number): Pick<HealthCheck, 'status' | 'message'> | undefined {
    if (now - this.#refusedAt >= CALM_MS) return undefined
    const message = `${RATE_LIMITED}: more frames than limits.port_frames_per_second (${this.#limit.perSecond}): what is over it is dropped`
    return { status: 'degraded', message }
  }
}
