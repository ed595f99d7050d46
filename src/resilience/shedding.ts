import { DEGRADATION_LEVELS, type DegradationLevel } from './degradation.js'

/** What the bridge does and could leave undone. */
export type Feature =
  | 'per-channel-topics'
  | 'debug-events'
  | 'status-details'
  | 'p5-readings'
  | 'p4-readings'
  | 'p3-readings'
  | 'p2-readings'
  | 'p1-readings'
  | 'health'
  | 'circuit'
  | 'availability'
  | 'gap-events'

/** Thinned: only some of it is published. The caller decides which, and counts what is not. */
export type Treatment = 'kept' | 'thinned' | 'shed'

interface Shedding {
  readonly from: DegradationLevel
  readonly treatment: Treatment
}

const NEVER: Shedding = Object.freeze({ from: 'emergency', treatment: 'kept' })

const SHEDDING: Readonly<Record<Feature, Shedding>> = Object.freeze({
  'per-channel-topics': { from: 'light', treatment: 'shed' },
  'debug-events': { from: 'light', treatment: 'shed' },
  'status-details': { from: 'moderate', treatment: 'shed' },
  'p5-readings': { from: 'heavy', treatment: 'shed' },
  'p4-readings': { from: 'heavy', treatment: 'shed' },
  'p3-readings': { from: 'emergency', treatment: 'thinned' },
  'p2-readings': { from: 'emergency', treatment: 'thinned' },
  'p1-readings': NEVER,
  health: NEVER,
  circuit: NEVER,
  availability: NEVER,
  'gap-events': NEVER,
})

/** What becomes of a feature at a level; a level sheds all that the lower ones shed. */
export function treatmentOf(level: DegradationLevel, feature: Feature): Treatment {
  const { from, treatment } = SHEDDING[feature]
  return DEGRADATION_LEVELS.indexOf(level) >= DEGRADATION_LEVELS.indexOf(from) ? treatment : 'kept'
}

export const isShed = (level: DegradationLevel, feature: Feature): boolean =>
  treatmentOf(level, feature) === 'shed'

/** The feature that a frame's readings are; frames without a priority (0) count as P3. */
export function readingsFeature(priority: 0 | 1 | 2 | 3 | 4 | 5): Feature {
  return `p${priority === 0 ? 3 : priority}-readings`
}
