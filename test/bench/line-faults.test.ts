import { describe, expect, it } from 'vitest'
import { runLineCourse } from '../../bench/line-faults/course.js'
import { bitErrorRates, failureOf, formats, lineCourseOf } from '../../bench/line-faults/plan.js'
import { testSeed } from '../support/mulberry.js'
import { unaccounted } from '../transport/line-rig.js'

const FRAMES = 1500
const strong = formats.filter(({ crc }) => crc === 'crc32')

describe.each(strong)('F-01: bit errors on a line with $framing and CRC-32', (format) => {
  it.each(bitErrorRates)(
    'at a rate of %d: nothing wrong, one good frame lost per damaged one at most',
    (bitErrors) => {
      const course = lineCourseOf(format, { bitErrors }, FRAMES, testSeed)
      const result = runLineCourse(course)
      expect(failureOf(format, result), `seed ${testSeed}`).toBeUndefined()
      expect(result.longestLoss).toBeLessThanOrEqual(1)
      expect(unaccounted(result.counters)).toBe(0)
      // Damage there was: none of it would prove nothing.
      expect(result.damaged).toBeGreaterThan(bitErrors >= 1e-4 ? FRAMES * bitErrors * 20 : -1)
    },
  )
})

describe('F-05: bit errors on a line without a CRC', () => {
  it('hardly ever get through while they are rare', () => {
    const format = formats.find(({ crc }) => crc === 'none')!
    const course = lineCourseOf(format, { bitErrors: 1e-4 }, 6000, testSeed)
    const { madeUp, madeUpTaken, readings, good, wrong } = runLineCourse(course)
    expect(madeUp, `seed ${testSeed}`).toBeGreaterThan(20)
    expect(madeUpTaken, `seed ${testSeed}`).toBeLessThan(0.15 * madeUp)
    expect(wrong / good, `seed ${testSeed}`).toBeLessThan(0.002)
    expect(good / readings, `seed ${testSeed}`).toBeGreaterThan(0.97)
  })
})

describe('the courses of F-01', () => {
  it('can fail: without a CRC damaged frames pass, and good readings are wrong', () => {
    const course = lineCourseOf(
      { framing: 'cobs', crc: 'none', address: 'none', maxFrame: 256 },
      { bitErrors: 1e-3 },
      4000,
      testSeed,
    )
    const { madeUp, wrong } = runLineCourse(course)
    expect(madeUp, `seed ${testSeed}`).toBeGreaterThan(0)
    expect(wrong, `seed ${testSeed}`).toBeGreaterThan(0)
  })
})
