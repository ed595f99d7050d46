import { describe, expect, it } from 'vitest'
import { runCourse } from '../../bench/soak/course.js'
import { courseOf, falseDeclarations, profiles } from '../../bench/soak/plan.js'
import { testSeed } from '../support/mulberry.js'

const ROUNDS = 18

/** The courses of the first rounds, every profile at 5 % loss. */
const courses = Array.from({ length: ROUNDS }, (_, round) =>
  profiles.map((profile) => ({
    ...courseOf(profile, 0.05, round % 2 === 0, round, testSeed + round),
    frames: 1000,
  })),
).flat()

describe('the soak', () => {
  it('finds no bound broken and no good reading wrong, whatever goes wrong', () => {
    for (const course of courses) {
      const { broken, wrong, failure } = runCourse(course)
      expect([broken, wrong, failure]).toEqual([0, 0, ''])
    }
  })

  it('can fail: with its bounds halved it finds them broken', () => {
    const broken = courses.map((course) => runCourse({ ...course, boundFactor: 0.5 }).broken)
    expect(broken.filter((count) => count > 0).length).toBeGreaterThan(ROUNDS)
  })

  for (const { name, declare } of falseDeclarations) {
    it(`finds a false declaration and is never wrong afterwards: ${name}`, () => {
      const results = profiles.map((profile, n) =>
        runCourse({
          ...courseOf(profile, 0.01, false, 2 * n, testSeed + n),
          frames: 2000,
          declare,
        }),
      )
      expect(results.some(({ detectedAt }) => detectedAt >= 0)).toBe(true)
      expect(results.map(({ wrongAfterDetection }) => wrongAfterDetection)).toEqual(
        profiles.map(() => 0),
      )
    })
  }
})
