import { describe, expect, it } from 'vitest'
import { parseResolution } from '../../src/alec/decimal.js'
import { SetEstimate } from '../../src/alec/set-estimate.js'

const declared = { min: -40, max: 85, maxStep: 2, resolution: parseResolution('0.1')! }

function settled(): SetEstimate {
  const estimate = new SetEstimate(declared, { scale: 100, startsAtZero: true })
  for (const value of [20, 20.1, 20.2]) estimate.observeRaw(value, 0)
  return estimate
}

describe('the set of possible states', () => {
  it('is kept over a loss of a few frames', () => {
    const estimate = settled()
    estimate.lose(8)
    expect(estimate.describe().candidates).toBe(41)
  })

  it('is given up within a loss that would cost more than is saved up, however many frames it is', () => {
    const estimate = settled()
    estimate.lose(500)
    expect(estimate.describe().candidates).toBeUndefined()
  })
})
