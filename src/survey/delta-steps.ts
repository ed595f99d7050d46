import { Encoding } from '../alec/index.js'
import type { TakenApart } from './taken-apart.js'

/** An encoder predicts by its average from its fourth value on, before that by the last one. */
const SETTLED = 3
/** What the average keeps of itself at each value. */
const KEPT = 0.7
/** How far a step may be off: open loop, each of the two deltas was rounded by up to half a unit, … */
const OPEN_LOOP_OFF = 0.5 * (1 + KEPT)
/** … closed loop, each of the two values is known to half a unit. */
const CLOSED_LOOP_OFF = 1

/** The changes of one source's value that two deltas in a row tell, whatever the value is. */
export interface DeltaSteps {
  /** In units of a delta, 1/scale. */
  readonly steps: readonly number[]
  /** How far each of them may be off, in the same units. */
  readonly off: number
}

/**
 * An encoder sends d = v − E and then has E + 0.3·d for its average, so of two deltas in a row the second less 0.7 of
 * the first is how far the value moved. That shows the sensor's step where no whole value is ever sent. A closed-loop
 * encoder starts its average anew at a keyframe.
 */
export function deltaSteps(
  frames: readonly TakenApart[],
  key: number,
  profile: 'alec-1.3' | 'closed-loop',
): DeltaSteps {
  const closedLoop = profile === 'closed-loop'
  const steps: number[] = []
  // A delta right before, of an average that is settled.
  let before: number | undefined
  let observed = 0
  let version = 0
  for (const frame of frames) {
    if (frame.fresh || (closedLoop && (frame.keyframe || !frame.follows))) observed = 0
    if (mayHaveMissed(frame, key, version)) before = undefined
    version = frame.version
    const at = frame.keys.indexOf(key)
    if (at < 0) continue
    const settledDelta = isDelta(frame.encodings[at]) && observed >= SETTLED
    const delta = settledDelta ? frame.numbers[at] : undefined
    if (delta !== undefined && before !== undefined) steps.push(delta - KEPT * before)
    before = delta
    observed++
  }
  return { steps, off: closedLoop ? CLOSED_LOOP_OFF : OPEN_LOOP_OFF }
}

/** Whether the device may have observed a value of the source since the frame before, which stood at `version`. */
function mayHaveMissed(frame: TakenApart, key: number, version: number): boolean {
  if (!frame.follows) return true
  if (frame.multi) return !frame.keys.includes(key)
  // Who sends single values may keep others to itself.
  return frame.keys.length === 1 && frame.version !== version + 1
}

const isDelta = (encoding: number | undefined): boolean =>
  encoding === Encoding.delta8 || encoding === Encoding.delta16 || encoding === Encoding.delta32

/** Whether all these steps can be multiples of `unit`, which is in the same units. */
export const areMultiples = ({ steps, off }: DeltaSteps, unit: number): boolean =>
  steps.every((step) => Math.abs(step - unit * Math.round(step / unit)) <= off + 1e-9)

/** Steps that say anything of `unit`: those that moved at all, where it is well above what they may be off. */
export function tellingSteps({ steps, off }: DeltaSteps, unit: number): number {
  return unit < 4 * off ? 0 : steps.filter((step) => Math.abs(step) > off).length
}
