import { freshVersion } from '../../src/alec/index.js'
import type { FrameSight } from '../../src/device/index.js'

/** Of every device here: one compact frame of two channels a second. */
export const INTERVAL = 1000

/** Where the versions of a device stand that has made so many observations since it was new. */
export const trackAfter = (observations: number) => ({
  version: freshVersion(observations) % 65_536,
  phaseLo: observations % 100,
  phaseHi: observations % 100,
})

/** What frame `sequence` of a device shows, an interval after the last one that was seen. */
export const sightOf = (sequence: number, change: Partial<FrameSight> = {}): FrameSight => ({
  sequence: sequence % 65_536,
  version: freshVersion(2 * sequence) % 65_536,
  versionModulus: 65_536,
  looksFresh: false,
  observationsPerFrame: 2,
  observationsBefore: 2,
  observationsOfAny: { least: 2, most: 2 },
  suppresses: false,
  silenceMs: INTERVAL,
  latenessMs: 0,
  shortestIntervalMs: INTERVAL,
  restartMs: 0,
  sendsOthers: false,
  othersBefore: 0,
  ...change,
})
