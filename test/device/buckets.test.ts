import { describe, expect, it } from 'vitest'
import { Buckets } from '../../src/device/buckets.js'

const policy = { perSecond: 10, burst: 3 }

/** How many tokens a seat gives at a time. */
function taken(buckets: Buckets, seat: number, now: number): number {
  let count = 0
  while (buckets.take(seat, now)) count++
  return count
}

describe('buckets of many devices', () => {
  it('give each its burst, and then its rate', () => {
    const buckets = new Buckets(policy)
    for (const seat of [0, 7, 100_000]) expect(taken(buckets, seat, 1000)).toBe(3)
    expect(taken(buckets, 7, 1000)).toBe(0)
    expect(taken(buckets, 7, 1100)).toBe(1)
    expect(taken(buckets, 0, 61_000)).toBe(3)
  })

  it('give again in runs where more comes than they have, and no less for that', () => {
    const buckets = new Buckets({ perSecond: 50, burst: 200 })
    expect(taken(buckets, 0, 1000)).toBe(200)
    const runs: number[] = []
    for (let now = 1001; now <= 5000; now++) {
      const count = taken(buckets, 0, now)
      if (count > 0) runs.push(count)
    }
    expect(runs).toEqual(Array(20).fill(10))
    // Somebody who is let in one at a time, and never turned away, notices nothing of it.
    expect(taken(buckets, 1, 1000)).toBe(200)
    buckets.clear(1)
    for (let n = 0; n < 500; n++) expect(buckets.take(1, 1000 + 20 * n)).toBe(true)
  })

  it('give each token at once where there are few', () => {
    const buckets = new Buckets({ perSecond: 2, burst: 3 })
    expect([0, 499, 500, 999, 1000].map((now) => taken(buckets, 0, 1000 + now))).toEqual([
      3, 0, 1, 0, 1,
    ])
  })

  it('are as they were when there are more of them', () => {
    const buckets = new Buckets(policy)
    expect(taken(buckets, 3, 1000)).toBe(3)
    expect(buckets.take(5000, 1000)).toBe(true)
    expect(buckets.take(3, 1000)).toBe(false)
  })

  it('leave nothing to the next one in a seat', () => {
    const buckets = new Buckets(policy)
    expect(taken(buckets, 3, 1000)).toBe(3)
    buckets.clear(3)
    expect(taken(buckets, 3, 1000)).toBe(3)
    buckets.clear(1_000_000)
  })
})
