import { type DegradationLevel, type Feature, treatmentOf } from '../resilience/index.js'

/** Of what is thinned, one in so many is kept. */
const KEPT_ONE_IN = 10

/** Decides what is left undone at the present level, and counts it by name. */
export class Shedder {
  level: DegradationLevel = 'normal'
  readonly #counts = new Map<Feature, number>()

  /** What was shed since the start. */
  get counts(): ReadonlyMap<Feature, number> {
    return this.#counts
  }

  /** True where this is left undone, and counts it; `nth` numbers what may be thinned. */
  sheds(feature: Feature, nth = 0): boolean {
    if (this.level === 'normal') return false
    const treatment = treatmentOf(this.level, feature)
    if (treatment === 'kept' || (treatment === 'thinned' && nth % KEPT_ONE_IN === 0)) return false
    this.#counts.set(feature, (this.#counts.get(feature) ?? 0) + 1)
    return true
  }
}
