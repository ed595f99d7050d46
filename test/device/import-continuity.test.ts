import { describe, expect, it } from 'vitest'
import { freshVersion } from '../../src/alec/index.js'
import {
  type FrameSight,
  type ImportedPosition,
  judge,
  positionAfter,
} from '../../src/device/index.js'
import { INTERVAL, sightOf, trackAfter } from './frame-sight.js'

/** The state of a two-channel device that had sent the frames before `sequence`. */
const importedAt = (sequence: number): ImportedPosition => ({
  sequence: null,
  track: trackAfter(2 * sequence),
  importedAt: 0,
})

/** A later frame of the same device, one interval after the import. */
const sight = (sequence: number, change: Partial<FrameSight> = {}): FrameSight =>
  sightOf(sequence, { observationsBefore: 0, ...change })

/** The same, sent as a standard frame with all of the device's three channels or one of them. */
const standard = (observations: number, change: Partial<FrameSight>): FrameSight =>
  sight(900, {
    version: freshVersion(observations),
    versionModulus: 2 ** 24,
    observationsPerFrame: 3,
    observationsOfAny: { least: 1, most: 3 },
    ...change,
  })

describe('the first frame after an encoder’s state was imported', () => {
  const cases: [string, ImportedPosition, FrameSight, object][] = [
    [
      'continues where its version is the imported one',
      importedAt(40),
      sight(40),
      { kind: 'continues', lost: 0 },
    ],
    [
      'continues whatever its sequence is: the device may have kept its context over a restart',
      importedAt(40),
      sight(40, { sequence: 7 }),
      { kind: 'continues', lost: 0 },
    ],
    [
      'continues after any silence that rules a restart out: no new device has that version there',
      importedAt(40),
      sight(40, { sequence: 7, silenceMs: 30 * INTERVAL }),
      { kind: 'continues', lost: 0 },
    ],
    [
      'continues after the lost frames that its version tells of',
      importedAt(40),
      sight(43, { silenceMs: 4 * INTERVAL }),
      { kind: 'continues', lost: 3 },
    ],
    [
      'continues over an evolution',
      importedAt(49),
      sight(52, { silenceMs: 4 * INTERVAL }),
      { kind: 'continues', lost: 3 },
    ],
    [
      'continues where the version wraps',
      importedAt(32_440),
      sight(32_450, { silenceMs: 11 * INTERVAL }),
      { kind: 'continues', lost: 10 },
    ],
    [
      'is unknown where no number of lost frames gives its version',
      importedAt(40),
      sight(43, { version: freshVersion(85) }),
      { kind: 'unknown', cause: 'foreign-state' },
    ],
    [
      'is unknown where its version is one that no encoder has at that point',
      importedAt(40),
      sight(50, { version: 100 }),
      { kind: 'unknown', cause: 'foreign-state' },
    ],
    [
      'is late where its version lies a little behind',
      importedAt(40),
      sight(37),
      { kind: 'late', behind: 3 },
    ],
    [
      'is unknown where its version lies far behind',
      importedAt(400),
      sight(300),
      { kind: 'unknown', cause: 'foreign-state' },
    ],
    [
      'is fresh where it is the first of a new encoder',
      importedAt(40),
      sight(0, { looksFresh: true }),
      { kind: 'fresh' },
    ],
    [
      'is unknown where a restart since would show the same',
      importedAt(40),
      sight(40, { silenceMs: 41 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'is unknown, not late, where a restarted device would show an older version',
      importedAt(40),
      sight(37, { silenceMs: 38 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'is unknown where no interval is known',
      importedAt(40),
      sight(40, { shortestIntervalMs: 0 }),
      { kind: 'unknown' },
    ],
    [
      'is unknown where the version may have come round',
      importedAt(40),
      sight(40, { sequence: 60_000, silenceMs: 16_384 * INTERVAL }),
      { kind: 'unknown', cause: 'lost-frames' },
    ],
    [
      'is unknown after more lost frames than can be bridged',
      importedAt(40),
      sight(40 + 4097, { silenceMs: 4098 * INTERVAL, sequence: 60_000 }),
      { kind: 'unknown', cause: 'foreign-state' },
    ],
    [
      'with several channels continues where there was no time for frames of another kind',
      { ...importedAt(40), track: { version: freshVersion(90), phaseLo: 90, phaseHi: 90 } },
      standard(96, { silenceMs: 3 * INTERVAL }),
      { kind: 'continues', lost: 2 },
    ],
    [
      'with several channels is unknown where frames of another kind may be among the lost',
      { ...importedAt(40), track: { version: freshVersion(90), phaseLo: 90, phaseHi: 90 } },
      standard(96, { silenceMs: 4 * INTERVAL }),
      { kind: 'unknown', cause: 'lost-frames' },
    ],
    [
      'with one value of several continues after any lost frames',
      { ...importedAt(40), track: { version: freshVersion(90), phaseLo: 90, phaseHi: 90 } },
      standard(96, { silenceMs: 7 * INTERVAL, observationsPerFrame: 1 }),
      { kind: 'continues', lost: 6 },
    ],
    [
      'is unknown where a restarted device with frames of several kinds could show it',
      { ...importedAt(40), track: { version: freshVersion(90), phaseLo: 90, phaseHi: 90 } },
      standard(90, { sequence: 50, silenceMs: 51 * INTERVAL }),
      { kind: 'unknown', cause: 'device-reboot' },
    ],
    [
      'of a device that suppresses continues, with any number of values kept back or lost',
      { ...importedAt(40), track: { version: freshVersion(90), phaseLo: 90, phaseHi: 90 } },
      standard(105, {
        sequence: 12,
        suppresses: true,
        observationsPerFrame: 1,
        observationsOfAny: { least: 1, most: 1 },
        silenceMs: 11.9 * INTERVAL,
      }),
      { kind: 'continues', lost: 0, suppressed: { least: 0, most: 15 } },
    ],
  ]
  for (const [name, before, frame, expected] of cases) {
    it(name, () => expect(judge(before, frame)).toMatchObject(expected))
  }

  it('leads on to a position that knows the phase to the unit', () => {
    const frame = sight(52, { silenceMs: 4 * INTERVAL })
    expect(positionAfter(judge(importedAt(49), frame), frame)).toEqual({
      sequence: 52,
      track: { version: freshVersion(104), phaseLo: 4, phaseHi: 4 },
    })
  })
})
