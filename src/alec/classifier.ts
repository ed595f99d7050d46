import type { Priority } from './parsed-frame.js'
import type { SourceView } from './source-state.js'

/** What the operator of a device has told its classifier about one source. */
export interface ClassifierRules {
  /** Below it a value is critical. */
  readonly criticalMin?: number
  /** Above it a value is critical. */
  readonly criticalMax?: number
  /** The source is sent on a schedule, so what is expected is still worth sending. */
  readonly scheduled?: boolean
}

/** Below this a prediction is too small to divide by. */
const smallest = 2 ** -52

/** How urgent `value` is, given what the device expects of its source: P1 critical … P5 disposable. */
export function classify(
  value: number,
  source: SourceView | undefined,
  rules: ClassifierRules = {},
): Priority {
  if (source === undefined || source.count === 0) return 3
  const { criticalMin, criticalMax, scheduled = false } = rules
  if (criticalMin !== undefined && value < criticalMin) return 1
  if (criticalMax !== undefined && value > criticalMax) return 1
  const expected = source.prediction
  const size = Math.abs(expected)
  const error = Math.abs(value - expected)
  const change = size > smallest ? error / size : error
  if (change > 0.3) return 1
  if (change > 0.15 || Number.isNaN(change)) return 2
  if (change < 0.01) return 5
  return scheduled ? 3 : 4
}
