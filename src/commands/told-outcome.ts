import type { StreamOutcome, Verdict } from '../device/index.js'
import { spell } from '../spelling.js'

/** What became of a frame, as JSON lines tell it. */
export function toldOutcome(outcome: StreamOutcome | Verdict): Record<string, unknown> {
  if (outcome.kind === 'fault') return { verdict: 'fault', fault: outcome.fault }
  if (outcome.kind === 'skipped') return { verdict: 'skipped', why: outcome.why }
  const values: Record<string, unknown> = {}
  for (const { name, value, bound, quality } of outcome.channels) {
    values[name] = {
      value: spell(value),
      bound: bound === Number.POSITIVE_INFINITY ? null : bound,
      quality,
    }
  }
  return { verdict: 'readings', kind: outcome.family, seq: outcome.seq, values }
}
