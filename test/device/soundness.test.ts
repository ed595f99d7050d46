import { describe, expect, it } from 'vitest'
import { type LossyScenario, runLossy } from '../support/lossy-scenario.js'
import { testSeed } from '../support/mulberry.js'

const calm: Omit<LossyScenario, 'seed'> = {
  frames: 2000,
  profile: 'alec-1.3',
  loss: 0,
  duplicates: 0,
  swaps: 0,
  reboots: 0,
  notFinite: 0,
  startMidStream: false,
  downlinks: false,
  maxStep: true,
}

describe('exact decoding', () => {
  it('gives the very values measured while nothing is lost', () => {
    for (let n = 0; n < 20; n++) {
      const tally = runLossy({ ...calm, seed: testSeed + n, maxStep: n % 2 === 0 })
      expect([tally.good, tally.firstWrong]).toEqual([tally.readings, ''])
    }
  })

  const mixes: [string, Partial<LossyScenario>][] = [
    ['1 % loss', { loss: 0.01 }],
    ['10 % loss', { loss: 0.1, downlinks: true }],
    ['20 % loss, duplicates, swaps', { loss: 0.2, duplicates: 0.01, swaps: 0.01 }],
    ['reboots of which the first frames are lost', { reboots: 0.01, loss: 0.02, duplicates: 0.01 }],
    ['a start mid-stream', { startMidStream: true, loss: 0.01, swaps: 0.01 }],
    ['NaN and infinities', { notFinite: 0.002, loss: 0.05, reboots: 0.002, downlinks: true }],
    [
      'everything at once',
      {
        loss: 0.05,
        duplicates: 0.01,
        swaps: 0.01,
        reboots: 0.005,
        notFinite: 0.001,
        startMidStream: true,
      },
    ],
  ]
  for (const profile of ['alec-1.3', 'closed-loop'] as const) {
    for (const [name, mix] of mixes) {
      it(`breaks no bound on ${profile} devices under ${name}`, () => {
        for (let n = 0; n < 20; n++) {
          const tally = runLossy({
            ...calm,
            ...mix,
            profile,
            maxStep: n % 2 === 0,
            seed: testSeed + n,
          })
          expect([tally.wrong, tally.broken, tally.firstWrong]).toEqual([0, 0, ''])
          expect(tally.events.get('wrong_declaration') ?? 0, `seed ${testSeed + n}`).toBe(0)
        }
      })
    }
  }
})
