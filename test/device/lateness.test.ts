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

  it('has an end with the first frame that comes in its time: it was sent after the one before had come', () => {
    const lateness = new Lateness()
    lateness.observe(1, 100 * INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(99 * INTERVAL)
    lateness.observe(1, 10, INTERVAL)
    expect(lateness.ms).toBe(98 * INTERVAL + 10)
    lateness.observe(1, INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(INTERVAL)
  })

  it('is never more than an interval of its own for a device that is slower than declared', () => {
    const lateness = new Lateness()
    for (let n = 0; n < 100; n++) lateness.observe(1, 3 * INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(3 * INTERVAL)
  })

  it('may be all of the silence where nobody knows how many frames were sent in it', () => {
    const lateness = new Lateness()
    lateness.observeUnknown(50 * INTERVAL, INTERVAL)
    expect(lateness.ms).toBe(50 * INTERVAL)
    lateness.observeUnknown(10, INTERVAL)
    expect(lateness.ms).toBe(50 * INTERVAL + 10)
  })

  it('is none where no interval is declared, and none for the very first frame', () => {
    const lateness = new Lateness()
    lateness.observe(1, 5000, 0)
    lateness.observeUnknown(5000, 0)
    lateness.observeUnknown(Number.POSITIVE_INFINITY, INTERVAL)
    expect(lateness.ms).toBe(0)
  })

  it('begins anew with a device', () => {
    const lateness = new Lateness()
    lateness.observe(1, 3 * INTERVAL, INTERVAL)
    lateness.reset()
    expect(lateness.ms).toBe(0)
  })
})
