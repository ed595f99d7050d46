import { namesOfSource } from './channel-names.js'
import { count, type Finding, found } from './finding.js'
import type { ChannelFit } from './model-search.js'

export interface Range {
  readonly min: number
  readonly max: number
}

/** What was found out of one channel. */
export interface ChannelSurvey {
  /** What its readings may be called until somebody knows better. */
  readonly name: Finding<string>
  /** In standard frames: source id, or name id in multi frames. */
  readonly source: number | undefined
  readonly resolution: Finding<string | undefined>
  /** What it may read, with room. */
  readonly range: Finding<Range | undefined>
  /** The most that it moved from one frame to the next, with room. */
  readonly maxStep: Finding<number | undefined>
  /** The proven values among those that were seen. */
  readonly seen: Range | undefined
}

/** In the units that people use, what sensors measure is less than this … */
const LEAST_RANGE = 10_000
/** … or than what 16 bits hold of their steps; what they count is less than this. */
const WORD = 2 ** 15
const LONG = 2 ** 31
const RANGE_ROOM = 2
const COUNTER_MAX = 2 ** 32 - 1
const COUNTER_CHANGES = 8
const FEW_CHANGES = 3
const LARGE = 1000

const STEP_ROOM = 5
const STEPS_NEEDED = 50

export function surveyChannel(
  scale: Finding<number>,
  fit: ChannelFit,
  index: number,
  source: number | undefined,
): ChannelSurvey {
  const { trial } = fit
  const seen = trial.good > 0 ? { min: trial.min, max: trial.max } : undefined
  return {
    name: nameOf(index, source, seen),
    source,
    resolution: resolutionOf(fit, scale),
    range: rangeOf(fit, seen),
    maxStep: maxStepOf(fit),
    seen,
  }
}

function nameOf(
  index: number,
  source: number | undefined,
  seen: Range | undefined,
): Finding<string> {
  const unknown = 'what it measures is not on the wire'
  if (source === undefined) return found(`channel_${index + 1}`, 'unknown', unknown)
  const [name, ...others] = namesOfSource(source, seen)
  if (name === undefined) return found(`source_${source}`, 'unknown', unknown)
  const evidence = `the device library hashes "${name}" to ${source}${others.length > 0 ? `, and ${others.join(', ')} too` : ''}`
  return found(name, 'guess', evidence)
}

function resolutionOf(
  { rung, believed, wholes, changes, trial }: ChannelFit,
  scale: Finding<number>,
): Finding<string | undefined> {
  if (!rung) {
    const why =
      wholes === 0
        ? 'no whole value came, only changes: restart the device to see some'
        : 'its values are multiples of no usual step'
    return found(undefined, 'unknown', why)
  }
  const values = wholes > 0 ? `${count(trial.good, 'value')} are multiples of it, ` : ''
  const evidence = `${values}${count(changes, 'change')} are whole steps of it`
  if (!believed) {
    return found(
      rung.text,
      'guess',
      `${evidence}: too few to see whether the step is a coarser one`,
    )
  }
  // A delta says no more than its unit: whether a value lies between two of them, only whole ones tell.
  if (rung.resolution.step * scale.value < 1.000001 && wholes < rung.changesNeeded)
    return found(
      rung.text,
      'guess',
      `as fine as a delta tells, and only ${count(wholes, 'whole value')} came`,
    )
  // What deltas tell of the step is in their own unit.
  if (scale.confidence === 'guess')
    return found(rung.text, 'guess', `${evidence}, if the scale is right`)
  const sure = changes >= 2 * rung.changesNeeded && wholes > 0
  return found(rung.text, sure ? 'certain' : 'likely', evidence)
}

/** A range has to be true; one that is wider than it need be only makes the way back from a loss longer. */
function rangeOf({ rung, trial }: ChannelFit, seen: Range | undefined): Finding<Range | undefined> {
  if (!seen) return found(undefined, 'unknown', 'no value is known')
  const observed = `seen ${spoken(seen.min)} to ${spoken(seen.max)}`
  // What is large already needs less to be taken for a count: it will hardly turn negative.
  const enough = seen.min > LARGE ? FEW_CHANGES : COUNTER_CHANGES
  if (trial.grows && trial.changes >= enough && seen.min >= 0 && isWhole(rung?.text)) {
    const evidence = `${observed}, only ever growing: taken for a counter of 32 bits`
    return found({ min: 0, max: COUNTER_MAX }, 'guess', evidence)
  }
  const most = Math.max(-seen.min, seen.max)
  const step = rung?.resolution.step ?? 0
  const limit =
    most > LEAST_RANGE ? Math.max(LONG, RANGE_ROOM * most) : Math.max(LEAST_RANGE, WORD * step)
  const evidence = `${observed}; with much room, for the sensor's limits are not on the wire`
  const nice = niceAbove(limit)
  return found({ min: -nice, max: nice }, 'guess', evidence)
}

function maxStepOf({ rung, trial }: ChannelFit): Finding<number | undefined> {
  const { steps, largestStep } = trial
  const evidence = `moved by ${spoken(largestStep)} at most in ${count(steps, 'step')}`
  if (steps < STEPS_NEEDED || largestStep === 0) return found(undefined, 'unknown', evidence)
  const least = 10 * (rung?.resolution.step ?? 0)
  return found(niceAbove(Math.max(STEP_ROOM * largestStep, least)), 'guess', evidence)
}

const isWhole = (text: string | undefined): boolean => text !== undefined && /^\d+$/.test(text)

const spoken = (value: number): string => String(Number(value.toPrecision(10)))

const rounded = (value: number): number => Number(value.toPrecision(10))

/** The next of 1, 2, 5, 10, 20, … */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const digit = [1, 2, 5, 10].find((d) => d * power >= value * 0.999999) ?? 10
  return rounded(digit * power)
}
