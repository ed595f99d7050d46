import { describe, expect, it } from 'vitest'
import { fuzzKinds, runFuzz } from '../../bench/fuzz/course.js'
import { testSeed } from '../support/mulberry.js'

describe('spoilt frames', () => {
  it.each(fuzzKinds)(
    'F-22: are refused with a fault that leaves the state as it was (%s)',
    (kind) => {
      const started = performance.now()
      const { frames, faults, changed, failure } = runFuzz(testSeed, kind, 12_500)
      expect([changed, failure]).toEqual([0, ''])
      expect(faults).toBeGreaterThan(1000)
      expect((performance.now() - started) / frames).toBeLessThan(1)
    },
  )
})
