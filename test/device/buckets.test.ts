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
