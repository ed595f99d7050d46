/** A rate with room for bursts. */
export interface BucketPolicy {
  readonly perSecond: number
  /** Tokens in a full bucket. */
  readonly burst: number
}

/** Frames of one device. */
export const defaultBucketPolicy: BucketPolicy = Object.freeze({ perSecond: 50, burst: 200 })

/**
 * A token bucket is one number: the monotonic time in milliseconds at which it will be full again. So it
 * costs no timer and no object per frame. (The field's name for it: generic cell rate algorithm.)
 */
export const FULL_BUCKET = 0

/** Whether a token, or so many of them, can be taken now. */
export const hasToken = (fullAt: number, now: number, policy: BucketPolicy, count = 1): boolean => {
  const perToken = 1000 / policy.perSecond
  // Sums of a period that is no round number drift; a hundredth of a millisecond hides that.
  return fullAt - now <= (policy.burst - count) * perToken + 0.01
}

/** The bucket after one token was taken; only where `hasToken`. */
export const takeToken = (fullAt: number, now: number, policy: BucketPolicy): number =>
  Math.max(fullAt, now) + 1000 / policy.perSecond
