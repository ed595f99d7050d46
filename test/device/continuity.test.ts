import { describe, expect, it } from 'vitest'
import { freshVersion } from '../../src/alec/index.js'
import { type FrameSight, judge, type StreamPosition } from '../../src/device/index.js'
import { advanceTrack, freshTrack, unknownTrack } from '../../src/device/version-track.js'
import { INTERVAL, sightOf, trackAfter } from './frame-sight.js'

/** A two-channel compact device that has sent frames 0 … `sequence` since it was new. */
const at = (sequence: number): StreamPosition => ({ sequence, track: trackAfter(2 * sequence) })

describe('the continuity of a stream', () => {
  const cases: [string, StreamPosition | undefined, FrameSight, object][] = [
    [
      'the first frame of a new device is fresh',
      undefined,
      sightOf(0, { looksFresh: true }),
      { kind: 'fresh' },
    ],
    [
      'any other first frame starts mid-stream',
      undefined,
      sightOf(9),
      { kind: 'unknown', cause: 'started-mid-stream' },
    ],
    ['the next frame continues', at(20), sightOf(21), { kind: 'continues', lost: 0 }],
    [
      'a gap that the version explains is so many lost frames',
      at(20),
      sightOf(25, { silenceMs: 5000 }),
      { kind: 'continues', lost: 4 },
    ],
    [
      'the version steps once more at an evolution',
      at(49),
      sightOf(51, { silenceMs: 2000 }),
      { kind: 'continues', lost: 1 },
    ],
    [
      'a gap with another version is another encoder',
      at(20),
      sightOf(25, { version: 40 }),
      { kind: 'unknown', cause: 'foreign-state' },
    ],
    [
      'a version that moves by another number of channels says so',
      at(20),
      sightOf(21, { version: freshVersion(40) + 3 }),
      { kind: 'unknown', cause: 'wrong-channel-count' },
    ],
    [
      'a gap over thousands of frames is not bridged',
      at(20),
      sightOf(9000, { silenceMs: 100 }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    ['a frame a little behind is late', at(20), sightOf(18), { kind: 'late', behind: 2 }],
    [
      'a first frame after others is a restart',
      at(20),
      sightOf(0, { looksFresh: true }),
      { kind: 'fresh' },
    ],
    [
      'a frame far behind with a young version is a restart whose first frames are missing',
      at(300),
      sightOf(3),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'contiguous numbers after a silence in which a restart fits hide one',
      at(20),
      sightOf(21, { silenceMs: 22 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'a restart fits also where its frame came a little less late than the one before',
      at(20),
      sightOf(21, { silenceMs: 22 * INTERVAL - 5 }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'a restart fits also where the frame before it was held up on its way',
      at(20),
      sightOf(21, { silenceMs: 17 * INTERVAL, latenessMs: 5 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'contiguous numbers after a shorter silence do not',
      at(20),
      sightOf(21, { silenceMs: 20.4 * INTERVAL }),
      { kind: 'continues' },
    ],
    [
      'a restart fits where it needs no time before its first frame',
      at(20),
      sightOf(21, { silenceMs: 21 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'the second frame follows the first one, although a restart would fit',
      at(0),
      sightOf(1, { silenceMs: 1.2 * INTERVAL }),
      { kind: 'continues' },
    ],
    [
      'a suppressing encoder of this version would have needed more time than its frames tell',
      at(200),
      sightOf(205, {
        silenceMs: 205 * INTERVAL,
        version: freshVersion(2000),
        suppresses: true,
        observationsOfAny: { least: 2, most: 2 },
        versionModulus: 2 ** 24,
      }),
      { kind: 'continues' },
    ],
    [
      'which does not count where its interval was only learned',
      at(200),
      sightOf(205, {
        silenceMs: 206 * INTERVAL,
        version: freshVersion(2000),
        suppresses: true,
        observationsOfAny: { least: 2, most: 2 },
        versionModulus: 2 ** 24,
        restartMs: INTERVAL,
      }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'with no known interval any silence hides a restart',
      at(20),
      sightOf(21, { shortestIntervalMs: 0 }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'sequence and version may come round in 32768 intervals',
      at(60_000),
      sightOf(60_001, { silenceMs: 32_768 * INTERVAL }),
      { kind: 'unknown' },
    ],
    [
      'sequences wrap',
      { ...at(65_535) },
      sightOf(65_536, { silenceMs: INTERVAL }),
      { kind: 'continues', lost: 0 },
    ],
    [
      'a device that suppresses raises the version alone',
      at(20),
      sightOf(21, { version: freshVersion(48), suppresses: true }),
      { kind: 'continues', suppressed: { least: 6, most: 6 } },
    ],
  ]
  it('takes an evolution and a suppressed value for both possible where it cannot tell', () => {
    const before = { sequence: 20, track: unknownTrack(500) }
    const frame = sightOf(21, { version: 500 + 2 + 1, suppresses: true })
    expect(judge(before, frame)).toMatchObject({ suppressed: { least: 0, most: 1 } })
  })

  for (const [name, before, frame, expected] of cases) {
    it(name, () => expect(judge(before, frame)).toMatchObject(expected))
  }

  it('learns where an unknown encoder stands between two evolutions, to the unit', () => {
    // A device with 3 channels whose 7th frame from here evolves.
    let observations = 1000 + 100 - 20
    let track = unknownTrack(freshVersion(observations))
    for (let n = 0; n < 7; n++) {
      observations += 3
      const next = advanceTrack(track, freshVersion(observations), 3, 65_536)
      expect(next).toBeDefined()
      track = next!
    }
    expect([track.phaseLo, track.phaseHi]).toEqual([0, 2])
    // From now on a version one too high is refused.
    expect(advanceTrack(track, freshVersion(observations) + 4, 3, 65_536)).toBeUndefined()
  })

  it('predicts every version of a fresh encoder', () => {
    for (const channels of [1, 3, 64]) {
      let track = freshTrack
      for (let n = 1; n < 3000; n++) {
        const next = advanceTrack(track, freshVersion(n * channels) % 65_536, channels, 65_536)
        expect(next, `frame ${n} of ${channels} channels`).toBeDefined()
        track = next!
      }
    }
  })
})
