import { type Absence, type BucketPolicy, MissedTokens } from '../resilience/index.js'
import type { Parcel } from './parcel.js'

/** A flood is over when nothing had to be dropped for so long. */
const CALM_MS = 10_000

/** What came of a device beyond its bounded rate (see `Buckets`): let through after all, or turned away. */
export class FloodGate {
  readonly #policy: BucketPolicy
  readonly #missed = new MissedTokens()
  #droppedAt = Number.NEGATIVE_INFINITY
  #unreported = 0

  constructor(policy: BucketPolicy) {
    this.#policy = policy
  }

  pack(parcel: Parcel): void {
    const missed = this.#missed.save()
    const isCalm = this.#droppedAt === Number.NEGATIVE_INFINITY && missed === undefined
    parcel.putFlag(isCalm)
    if (isCalm) return
    parcel.put(this.#droppedAt)
    parcel.put(this.#unreported)
    parcel.putAside(missed)
  }

  unpack(parcel: Parcel): void {
    const isCalm = parcel.takeFlag()
    this.#droppedAt = isCalm ? Number.NEGATIVE_INFINITY : parcel.take()
    this.#unreported = isCalm ? 0 : parcel.take()
    this.#missed.restore(isCalm ? undefined : parcel.takeAside())
  }

  /** The door was not there for its senders until lately: whether it is let through for that. */
  admitsAfter(absence: Absence, now: number): boolean {
    return this.#missed.take(absence, now, this.#policy)
  }

  /** A frame that was not let through is gone. */
  turnAway(now: number): void {
    this.#droppedAt = now
    this.#unreported++
  }

  isFlooding(now: number): boolean {
    return now - this.#droppedAt < CALM_MS
  }

  /** How many frames were turned away since this was asked last. */
  report(): number {
    const dropped = this.#unreported
    this.#unreported = 0
    return dropped
  }
}
