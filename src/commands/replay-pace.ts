import type { CapturedFrame } from '../capture/index.js'
import type { LimitsConfig } from '../config/index.js'
import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'

/** Of what the bridge lets a device and a source send: what is sent at the very limit may be over it on arrival. */
const SHARE = 0.9
const BURST_SHARE = 0.5

/** When each frame of a capture is to be sent, so that none comes faster than the bridge takes it. */
export class ReplayPace {
  readonly #speed: number
  readonly #device: BucketPolicy
  readonly #source: BucketPolicy
  readonly #fullAt = new Map<string, number>()
  #sourceFullAt = FULL_BUCKET
  #begin: number | undefined
  #last = 0

  /** `speed`: as many times as fast as it was; Infinity: as fast as the limits allow. */
  constructor(speed: number, limits: LimitsConfig) {
    this.#speed = speed
    this.#device = partOf(limits.framesPerSecond, limits.burst)
    this.#source = partOf(limits.portFramesPerSecond, limits.portBurst)
  }

  /** Milliseconds from the beginning; never less than that of the frame before. */
  dueOf({ device, mono }: CapturedFrame): number {
    this.#begin ??= mono
    const recorded = (mono - this.#begin) / this.#speed
    const fullAt = this.#fullAt.get(device) ?? FULL_BUCKET
    const due = Math.max(
      this.#last,
      recorded,
      admittedAt(fullAt, recorded, this.#device),
      admittedAt(this.#sourceFullAt, recorded, this.#source),
    )
    this.#fullAt.set(device, takeToken(fullAt, due, this.#device))
    this.#sourceFullAt = takeToken(this.#sourceFullAt, due, this.#source)
    this.#last = due
    return due
  }
}

const partOf = (perSecond: number, burst: number): BucketPolicy => ({
  perSecond: perSecond * SHARE,
  burst: Math.max(1, burst * BURST_SHARE),
})

const admittedAt = (fullAt: number, now: number, policy: BucketPolicy): number =>
  hasToken(fullAt, now, policy) ? now : fullAt - ((policy.burst - 1) * 1000) / policy.perSecond
