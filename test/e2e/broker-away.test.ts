import { describe, expect, it } from 'vitest'
import { brokerAwayCourse } from '../faults/broker-away.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { testSeed } from '../support/mulberry.js'
import { assertBuilt } from './program.js'

const RATE = 200

describe.skipIf(withoutMosquitto())('a broker that goes away under load and comes back', () => {
  it(`F-32: gets every reading in order, the live status first, five times as fast as they came (seed ${testSeed})`, async () => {
    assertBuilt()
    const outcome = await brokerAwayCourse({ seconds: 5, rate: RATE, devices: 10, seed: testSeed })
    const { missing, wrong, twoFaced, disordered, uncertain } = outcome.ledger
    expect({ missing, wrong, twoFaced, disordered, uncertain }).toEqual({
      missing: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
      uncertain: 0,
    })
    expect([outcome.readingsBeforeStatus, outcome.requests]).toEqual([0, 0])
    expect(outcome.waiting).toBeGreaterThan(2 * RATE)
    expect(outcome.drainRate).toBeGreaterThan(5 * RATE)
  }, 60_000)
})
