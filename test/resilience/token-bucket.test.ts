import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BucketPolicy,
  defaultBucketPolicy,
  FULL_BUCKET,
  hasToken,
  takeToken,
} from '../../src/resilience/index.js'

/** How many of `attempts` at one moment get a token, and the bucket after them. */
function drain(bucket: number, attempts: number, now: number, policy: BucketPolicy) {
  let taken = 0
  let fullAt = bucket
  for (let i = 0; i < attempts; i++) {
    if (!hasToken(fullAt, now, policy)) continue
    fullAt = takeToken(fullAt, now, policy)
    taken++
  }
  return { taken, fullAt }
}

describe('a token bucket', () => {
  it('holds a burst of 200, then 50 a second', () => {
    const burst = drain(FULL_BUCKET, 1000, 5_000, defaultBucketPolicy)
    expect(burst.taken).toBe(200)
    const second = drain(burst.fullAt, 1000, 6_000, defaultBucketPolicy)
    expect(second.taken).toBe(50)
    expect(drain(second.fullAt, 1000, 6_019, defaultBucketPolicy).taken).toBe(0)
    expect(drain(second.fullAt, 1000, 6_020, defaultBucketPolicy).taken).toBe(1)
  })

  it('holds no more than a burst after a long rest', () => {
    const { fullAt } = drain(FULL_BUCKET, 1000, 0, defaultBucketPolicy)
    expect(drain(fullAt, 1000, 1e9, defaultBucketPolicy).taken).toBe(200)
  })

  it('gives exactly the burst at any rate, late in a long life too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1e11, noNaN: true }),
        (perSecond, burst, now) => {
          expect(drain(FULL_BUCKET, burst + 5, now, { perSecond, burst }).taken).toBe(burst)
        },
      ),
    )
  })

  it('agrees with counting tokens', () => {
    // Periods that are whole milliseconds, so that the twin is exact in integers.
    const policies = fc.record({
      periodMs: fc.constantFrom(1, 5, 20, 100, 1000),
      burst: fc.integer({ min: 1, max: 50 }),
    })
    const waits = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 })
    fc.assert(
      fc.property(policies, waits, ({ periodMs, burst }, steps) => {
        const policy = { perSecond: 1000 / periodMs, burst }
        let fullAt = FULL_BUCKET
        let level = burst * periodMs
        let now = 0
        for (const wait of steps) {
          now += wait
          level = Math.min(burst * periodMs, level + wait)
          const granted = hasToken(fullAt, now, policy)
          expect(granted).toBe(level >= periodMs)
          if (!granted) continue
          fullAt = takeToken(fullAt, now, policy)
          level -= periodMs
        }
      }),
    )
  })
})
