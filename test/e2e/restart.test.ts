import { describe, expect, it } from 'vitest'
import { lineKillCourse } from '../faults/line-kills.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { testSeed } from '../support/mulberry.js'
import { assertBuilt } from './program.js'

describe.skipIf(withoutMosquitto())('a bridge on serial lines that is killed', () => {
  it(`F-43: publishes what only its journal had, each good, and asks for no keyframe (seed ${testSeed})`, async () => {
    assertBuilt()
    const outcome = await lineKillCourse({
      kills: 3,
      devices: 3,
      rate: 300,
      seed: testSeed,
      when: 'held',
    })
    const { lost, saved, frames, requests } = outcome
    const { missing, wrong, twoFaced, disordered, uncertain } = outcome.ledger
    expect({ lost, missing, wrong, twoFaced, disordered, uncertain, requests }).toEqual({
      lost: [],
      missing: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
      uncertain: 0,
      requests: 0,
    })
    expect(saved).toBeGreaterThan(50)
    expect(frames).toBeGreaterThan(300)
  }, 60_000)

  it(`F-43: loses nothing that it had accepted, and says nothing wrong, when frames were lost with it (seed ${testSeed})`, async () => {
    assertBuilt()
    const { lost, ledger, repeatedMost, frames } = await lineKillCourse({
      kills: 4,
      devices: 3,
      rate: 400,
      seed: testSeed,
      when: 'flow',
    })
    const { wrong, twoFaced, disordered } = ledger
    expect({ lost, wrong, twoFaced, disordered }).toEqual({
      lost: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
    })
    expect(repeatedMost).toBeLessThanOrEqual(256 + 128)
    expect(frames).toBeGreaterThan(400)
  }, 60_000)
})
