import { Context, evolutionPeriod } from '../../src/alec/index.js'
import { type Course, portion } from './course.js'
import { sineValues } from './signal.js'

const OBSERVATIONS = 200_000
const SOURCES = 8
const PATTERNS = 256

/** A context that observes several sources and evolves, with a full dictionary, at every hundredth value. */
export const contextEvolution: Course = {
  name: 'context evolution',
  does: `observations of ${SOURCES} sources with ${PATTERNS} patterns in use`,
  unit: 'observations',
  prepare(share) {
    const count = portion(OBSERVATIONS, share)
    const values = sineValues(count, 2)
    const context = new Context()
    const patterns = Array.from({ length: PATTERNS }, (_, n) => Uint8Array.of(n, n ^ 0x55, 1))
    return () => {
      for (let n = 0; n < count; n++) {
        // Only a pattern that is used again outlives an evolution.
        if (n % evolutionPeriod === 0) useTwice(context, patterns)
        context.observe(n % SOURCES, values[n]!)
      }
      const evolved = Math.floor(count / evolutionPeriod)
      if (context.version < count + evolved) throw new Error(`version ${context.version}`)
      return count
    }
  },
}

function useTwice(context: Context, patterns: readonly Uint8Array[]): void {
  for (const pattern of patterns) {
    if (context.patternCount < patterns.length) context.registerPattern(pattern)
    context.registerPattern(pattern)
  }
}
