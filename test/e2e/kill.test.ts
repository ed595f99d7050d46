import { describe, expect, it } from 'vitest'
import { killCourse } from '../faults/kills.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { testSeed } from '../support/mulberry.js'
import { assertBuilt } from './program.js'

const RATE = 400

describe.skipIf(withoutMosquitto())('a bridge that is killed and started again under load', () => {
  it(`F-27, F-34, F-43: loses no frame in 25 ends, and asks for no keyframe (seed ${testSeed})`, async () => {
    assertBuilt()
    const outcome = await killCourse({
      cycles: 25,
      orderlyEvery: 5,
      seed: testSeed,
      devices: 5,
      rate: RATE,
    })
    const { lost, wrong, twoFaced, disordered, repeated, requests, uncertain } = outcome
    expect({ lost, wrong, twoFaced, disordered }).toEqual({
      lost: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
    })
    // A window, and what settles until the next checkpoint is written.
    expect(Math.max(...repeated)).toBeLessThanOrEqual(256 + 512)
    expect([requests, uncertain]).toEqual([0, 0])
    expect(outcome.frames).toBeGreaterThan(25 * 100)
  }, 90_000)
})
