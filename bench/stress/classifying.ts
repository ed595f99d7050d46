import { type ClassifierRules, Context, classify } from '../../src/alec/index.js'
import { type Course, portion } from './course.js'
import { sineValues } from './signal.js'

const VALUES = 2_000_000
const RULES: ClassifierRules = { criticalMin: 0, criticalMax: 40 }

/** How urgent each value is to a device that knows its source. */
export const classifying: Course = {
  name: 'classifier',
  does: 'values of one source with critical limits, against its prediction',
  unit: 'values',
  prepare(share) {
    const values = sineValues(portion(VALUES, share), 2)
    const context = new Context()
    for (let n = 0; n < 10; n++) context.observe(1, 20)
    return () => {
      const source = context.source(1)
      let sum = 0
      for (let n = 0; n < values.length; n++) sum += classify(values[n]!, source, RULES)
      if (sum < values.length || sum > 5 * values.length)
        throw new Error(`priorities add to ${sum}`)
      return values.length
    }
  },
}
