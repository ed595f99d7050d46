import { describe, expect, it } from 'vitest'
import { Lateness } from '../../src/device/lateness.js'

const INTERVAL = 60_000

describe('lateness', () => {
  it('is nothing for a device that keeps its interval, losses or not', () => {
    const lateness = new Lateness()
    for (const frames of [1, 1, 3, 1]) lateness.observe(frames, frames * INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(0)
  })

  it('is what a held-up frame came after its time, until one comes in time again', () => {
    const lateness = new Lateness()
    lateness.observe(1, INTERVAL + 5000, INTERVAL)
    expect(lateness.ms).toBe(5000)
    lateness.observe(1, INTERVAL - 5000, INTERVAL)
    expect(lateness.ms).toBe(0)
  })

  it('counts the frames that were lost before a held-up one', () => {
    const lateness = new Lateness()
    lateness.observe(4, 7 * INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(3 * INTERVAL)
  })

  it('is not known where frames are missing, and the next comes sooner than they can have been sent', () => {
    const lateness = new Lateness()
    lateness.observe(2, 10, INTERVAL)
    expect(lateness.ms).toBe(16 * INTERVAL)
    // If the one before was held up for so long, the next was held up an interval less.
    lateness.observe(1, 10, INTERVAL)
    expect(lateness.ms).toBe(15 * INTERVAL + 10)
  })

  it('is none where nothing is missing: a device may be faster than it was declared to be', () => {
    const lateness = new Lateness()
    lateness.observe(1, 10, INTERVAL)
    expect(lateness.ms).toBe(0)
  })

  it('has an end, so that irregular devices are trusted in time', () => {
    const lateness = new Lateness()
    lateness.observe(1, Number.POSITIVE_INFINITY, INTERVAL)
    expect(lateness.ms).toBe(16 * INTERVAL)
  })

  it('begins anew with an encoder that nobody knows', () => {
    const lateness = new Lateness()
    lateness.observe(1, 3 * INTERVAL, INTERVAL)
    lateness.reset()
    expect(lateness.ms).toBe(0)
  })
})
