import { describe, expect, it } from 'vitest'
import { IntervalKnowledge } from '../../src/device/index.js'

describe('what is known of an interval', () => {
  it('is what is declared, whatever comes', () => {
    const interval = new IntervalKnowledge(60_000)
    interval.observe(5)
    expect([interval.typicalMs, interval.shortestMs]).toEqual([60_000, 60_000])
  })

  it('follows contiguous frames, and trusts half of it', () => {
    const interval = new IntervalKnowledge(undefined)
    for (let n = 0; n < 100; n++) interval.observe(1000)
    expect([interval.typicalMs, interval.shortestMs]).toEqual([1000, 500])
  })

  it('is moved little by one pause, and not at all by one that nobody could measure', () => {
    const interval = new IntervalKnowledge(undefined)
    interval.observe(Number.POSITIVE_INFINITY)
    expect(interval.typicalMs).toBe(0)
    interval.observe(1000)
    interval.observe(3_600_000)
    interval.observe(Number.POSITIVE_INFINITY)
    expect(interval.typicalMs).toBeLessThan(1100)
  })
})
