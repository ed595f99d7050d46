import { describe, expect, it } from 'vitest'
import type { DiscardReason, FramerCounters } from '../../src/framing/index.js'
import { LineQuality } from '../../src/transport/line-quality.js'

const none: Record<DiscardReason, number> = {
  syncing: 0,
  filler: 0,
  incomplete: 0,
  crc: 0,
  'too-long': 0,
  'too-short': 0,
  'bad-stuffing': 0,
  'not-hex': 0,
}

interface Counted {
  readonly frames?: number
  readonly bytes?: number
  readonly inFrames?: number
  readonly discarded?: Partial<Record<DiscardReason, number>>
  readonly damaged?: Partial<Record<DiscardReason, number>>
}

const counters = (counted: Counted): FramerCounters => {
  const { frames = 0, bytes = 0, inFrames = 0, discarded, damaged } = counted
  return {
    bytesIn: bytes,
    framesOut: frames,
    bytesInFrames: inFrames,
    discardedBytes: { ...none, ...discarded },
    discardedFrames: { ...none, ...damaged },
  }
}

/** What is complained of after these observations. */
function complaintAfter(...observations: readonly (readonly [number, Counted])[]) {
  const quality = new LineQuality(3000)
  for (const [heardAt, counted] of observations) quality.observe(heardAt, counters(counted))
  return quality.complaint()?.status
}

const noise = (bytes: number): Counted => ({ bytes, discarded: { crc: bytes } })

describe('F-04: the quality of a line', () => {
  it.each<readonly [string, readonly (readonly [number, Counted])[], string | undefined]>([
    [
      '2 s of noise',
      [
        [0, noise(32)],
        [2000, noise(64)],
      ],
      'unhealthy',
    ],
    [
      'less than 2 s of it',
      [
        [0, noise(32)],
        [1999, noise(64)],
      ],
      undefined,
    ],
    [
      'less than 64 bytes of it',
      [
        [0, noise(32)],
        [2000, noise(63)],
      ],
      undefined,
    ],
    [
      'a long frame under way',
      [
        [0, noise(64)],
        [2000, { bytes: 68, discarded: { crc: 64 } }],
      ],
      undefined,
    ],
    [
      'noise and 5 % under way',
      [
        [0, noise(90)],
        [2000, { bytes: 100, discarded: { crc: 95 } }],
      ],
      'unhealthy',
    ],
    [
      'delimiters alone',
      [
        [0, { bytes: 90, discarded: { filler: 90 } }],
        [2000, { bytes: 180, discarded: { filler: 180 } }],
      ],
      undefined,
    ],
    [
      'a frame under way for as long as the longest takes',
      [
        [0, { bytes: 100 }],
        [2999, { bytes: 300 }],
      ],
      undefined,
    ],
    [
      'something under way for longer',
      [
        [0, { bytes: 100 }],
        [3000, { bytes: 300 }],
      ],
      'unhealthy',
    ],
    [
      'noise long ago and a frame under way now',
      [
        [0, noise(200)],
        [60_000, { bytes: 201, discarded: { crc: 200 } }],
      ],
      undefined,
    ],
    [
      'noise until a frame came',
      [
        [0, noise(64)],
        [3000, noise(128)],
        [3100, { ...noise(160), frames: 1 }],
      ],
      undefined,
    ],
    [
      'noise since the last frame',
      [
        [0, { frames: 5, bytes: 99, inFrames: 99 }],
        [100, { ...noise(50), frames: 5, bytes: 149, inFrames: 99 }],
        [2100, { ...noise(101), frames: 5, bytes: 200, inFrames: 99 }],
      ],
      'unhealthy',
    ],
  ])('%s', (_, observations, status) => {
    expect(complaintAfter(...observations)).toBe(status)
  })

  it.each([
    [19, 0, undefined],
    [18, 1, undefined],
    [19, 1, undefined],
    [18, 2, 'degraded'],
    [190, 10, undefined],
    [189, 11, 'degraded'],
    [0, 20, 'degraded'],
  ])('%i good frames and %i damaged ones: %s', (good, damaged, status) => {
    const counted = { frames: good, bytes: 999, damaged: { crc: damaged } }
    expect(complaintAfter([0, counted])).toBe(status)
  })

  it('forgets damage after two windows of good frames', () => {
    const quality = new LineQuality(3000)
    quality.observe(0, counters({ damaged: { crc: 50 }, frames: 50 }))
    expect(quality.complaint()?.status).toBe('degraded')
    quality.observe(1, counters({ damaged: { crc: 50 }, frames: 149 }))
    expect(quality.complaint()?.status).toBe('degraded')
    quality.observe(2, counters({ damaged: { crc: 50 }, frames: 151 }))
    expect(quality.complaint()).toBeUndefined()
  })

  it('does not take printed lines for damaged frames', () => {
    expect(complaintAfter([0, { frames: 5, damaged: { 'not-hex': 100 } }])).toBeUndefined()
  })

  it('begins anew with an opening', () => {
    const quality = new LineQuality(3000)
    const bad = counters({ ...noise(500), damaged: { crc: 50 } })
    quality.observe(0, counters({}))
    quality.observe(5000, bad)
    expect(quality.complaint()).toBeDefined()
    quality.reset(bad)
    expect(quality.complaint()).toBeUndefined()
    quality.observe(9000, bad)
    expect(quality.complaint()).toBeUndefined()
  })
})

describe('F-09: what is damaged behind a read that found the buffer of the system full', () => {
  const damagedAt = (fullAt: number, heardAt: number) => {
    const quality = new LineQuality(3000)
    quality.observe(0, counters({ frames: 90 }))
    quality.foundFull(fullAt)
    quality.observe(heardAt, counters({ frames: 91, damaged: { crc: 1 } }))
    return quality
  }

  it('is laid to this process, for a minute', () => {
    const quality = damagedAt(1000, 2000)
    expect(quality.overrun(61_999)).toMatchObject({
      status: 'degraded',
      message: expect.stringMatching(/^overrun: this process was held up/),
    })
    expect(quality.overrun(62_000)).toBeUndefined()
    // It is no word about the line.
    expect(quality.complaint()).toBeUndefined()
  })

  it('is none of that where it comes more than a second later, or nothing is damaged', () => {
    expect(damagedAt(1000, 2001).overrun(2001)).toBeUndefined()
    const quality = new LineQuality(3000)
    quality.foundFull(1000)
    quality.observe(1001, counters({ frames: 90 }))
    expect(quality.overrun(1001)).toBeUndefined()
  })
})
