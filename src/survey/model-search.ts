import { Encoding } from '../alec/index.js'
import type { ChannelSpec, ModelSpec } from '../device/index.js'
import { areMultiples, type DeltaSteps, deltaSteps, tellingSteps } from './delta-steps.js'
import { isMultiple, ladder, type Rung } from './ladder.js'
import type { TakenApart } from './taken-apart.js'
import { type ChannelTrial, keyOf, tryModel } from './trial.js'

/** What is not known of a model yet. */
export type Encoder = Pick<ModelSpec, 'profile' | 'scale'>

/** A channel's step as far as all frames allow it, and what decoding by it showed. */
export interface ChannelFit {
  /** The coarsest rung that no frame contradicts, whether there is much to contradict it or not. */
  readonly coarsest: Rung | undefined
  /** Undefined where the values are multiples of no step on the ladder, or none was seen. */
  readonly rung: Rung | undefined
  /** Whether enough changes were whole steps of it. */
  readonly believed: boolean
  /** How many of them were. */
  readonly changes: number
  /** Whole values on the wire. */
  readonly wholes: number
  readonly trial: ChannelTrial
}

/** How well frames decode by one kind of encoder. */
export interface Fit {
  readonly encoder: Encoder
  readonly channels: readonly ChannelFit[]
  /** What speaks for it: what was found on ladders, less what its encoder would not have done. */
  readonly worth: number
}

/** What is false shows soon: so many frames are tried first, with what is left then so many, then all. */
const STAGES = [50, 400, Number.POSITIVE_INFINITY]
/** Changes of one channel that count. */
const MOST_CHANGES = 24
/** What an encoder would not have done costs as much as so many octaves. */
const ODDITY = 8

interface Candidate {
  readonly rungs: readonly Rung[]
  at: number
  readonly wholes: readonly number[]
  readonly steps: DeltaSteps
  /** How much wider than what was seen whole its range is taken to be. */
  width: number
}

const NARROW = 1
const WIDE = 1000

/**
 * The coarsest resolution of each channel that no frame contradicts, where the device's encoder is of this kind. A
 * wrong kind gives itself away: what it decodes to is a multiple of nothing.
 */
export function fitEncoder(
  base: Omit<ModelSpec, 'profile' | 'scale'>,
  encoder: Encoder,
  frames: readonly TakenApart[],
): Fit {
  let fit: Fit | undefined
  for (const [i, size] of STAGES.entries()) {
    if (i === 0 || frames.length > (STAGES[i - 1] ?? 0))
      fit = fitFrames(base, encoder, frames.slice(0, size), fit)
  }
  return fit ?? fitFrames(base, encoder, frames)
}

function fitFrames(
  base: Omit<ModelSpec, 'profile' | 'scale'>,
  encoder: Encoder,
  frames: readonly TakenApart[],
  before?: Fit,
): Fit {
  const head = { ...base, ...encoder }
  const candidates = base.channels.map((channel, i) =>
    candidateOf(frames, keyOf(base, channel, i), encoder, before?.channels[i]?.coarsest),
  )
  let trials = tryModel(modelOf(head, candidates), frames)
  // Each round at least one channel gets a wider range or a finer step, so this ends.
  while (candidates.map((candidate, i) => yields(candidate, trials[i])).some(Boolean)) {
    trials = tryModel(modelOf(head, candidates), frames)
  }
  const channels = candidates.flatMap((candidate, i) => {
    const trial = trials[i]
    return trial ? [fitOf(candidate, trial, encoder)] : []
  })
  return { encoder, channels, worth: worthOf(encoder, channels, candidates) }
}

function candidateOf(
  frames: readonly TakenApart[],
  key: number,
  { profile, scale }: Encoder,
  coarsest: Rung | undefined,
): Candidate {
  const wholes: number[] = []
  const steps = deltaSteps(frames, key, profile)
  let rungs = ladder.filter(
    ({ resolution }) =>
      resolution.step <= (coarsest?.resolution.step ?? Number.POSITIVE_INFINITY) &&
      areMultiples(steps, resolution.step * scale),
  )
  for (const { keys, encodings, numbers } of frames) {
    const at = keys.indexOf(key)
    const isF32 = encodings[at] === Encoding.raw32
    const value = numbers[at] ?? Number.NaN
    if (at < 0 || (!isF32 && encodings[at] !== Encoding.raw64) || !Number.isFinite(value)) continue
    wholes.push(value)
    rungs = rungs.filter((rung) => isMultiple(rung, value, isF32))
  }
  return { rungs, at: 0, wholes, steps, width: NARROW }
}

/** The model with what is tried of each channel. */
function modelOf(head: ModelSpec, candidates: readonly Candidate[]): ModelSpec {
  return {
    ...head,
    channels: head.channels.map((channel, i): ChannelSpec => {
      const candidate = candidates[i]
      const rung = candidate?.rungs[candidate.at]
      return {
        ...channel,
        ...(candidate && candidate.wholes.length > 0 && provisionalRange(candidate, rung)),
        ...(rung && { resolution: rung.text }),
      }
    }),
  }
}

/** Without a range nothing would follow from a delta after a start in the middle of the stream. */
function provisionalRange({ wholes, width }: Candidate, rung: Rung | undefined) {
  const [min, max] = [Math.min(...wholes), Math.max(...wholes)]
  const margin = width * Math.max(2 * (max - min), 20 * (rung?.resolution.step ?? 1), 1)
  return { min: min - margin, max: max + margin }
}

/** Gives way to a contradiction; false where there is none, or nothing left to give. */
function yields(candidate: Candidate, trial: ChannelTrial | undefined): boolean {
  if (!trial || trial.contradicted.size === 0) return false
  // A range that was too narrow may look like a wrong step, but not the other way round.
  if (candidate.width < WIDE && candidate.wholes.length > 0) {
    candidate.width *= WIDE
    return true
  }
  if (!trial.contradicted.has('resolution') || candidate.at >= candidate.rungs.length) return false
  candidate.at++
  candidate.width = NARROW
  return true
}

function fitOf(
  { rungs, at, wholes, steps }: Candidate,
  trial: ChannelTrial,
  { scale }: Encoder,
): ChannelFit {
  const coarsest = rungs[at]
  const changesOf = ({ resolution }: Rung) =>
    Math.max(trial.changes, tellingSteps(steps, resolution.step * scale))
  const fitted = (rung: Rung | undefined, believed: boolean): ChannelFit => ({
    coarsest,
    rung,
    believed,
    changes: rung ? changesOf(rung) : 0,
    wholes: wholes.length,
    trial,
  })
  if (!coarsest) return fitted(undefined, false)
  // Of too few changes all may be whole steps of something coarse by chance: a part of that step is no less true.
  const parts = rungs.slice(at).filter((rung) => divides(rung, coarsest))
  const enough = parts.find((rung) => changesOf(rung) >= rung.changesNeeded)
  if (enough) return fitted(enough, enough === coarsest)
  if (wholes.length === 0) return fitted(undefined, false)
  return fitted(
    parts.find(({ resolution }) => resolution.step * scale < 1.000001),
    false,
  )
}

function divides(fine: Rung, coarse: Rung): boolean {
  const times = coarse.resolution.step / fine.resolution.step
  return Math.abs(times - Math.round(times)) < 1e-6 * times
}

/**
 * A change that is a whole step of something coarse is worth that many octaves above a delta's unit. Where deltas only
 * ever move by more than the step, or whole values are only ever multiples of more, the scale is wrong, or the step.
 */
function worthOf(
  { scale }: Encoder,
  channels: readonly ChannelFit[],
  candidates: readonly Candidate[],
): number {
  let worth = 0
  for (const [i, { coarsest: rung, trial }] of channels.entries()) {
    worth -= ODDITY * trial.oddities
    const candidate = candidates[i]
    if (!rung || !candidate) continue
    // Whole values say nothing of the encoder.
    const unit = rung.resolution.step * scale
    const told = Math.max(trial.moves.length, tellingSteps(candidate.steps, unit))
    worth += Math.max(0, Math.log2(unit)) * Math.min(told, MOST_CHANGES)
    const wholes = [...new Set(candidate.wholes)]
    worth -= excess(rung, wholes, (other, value) => isMultiple(other, value, true))
    worth -= excess(rung, trial.moves, (other, move) => isMultiple(other, move, true))
    const { steps, off } = candidate.steps
    const moved = steps.filter((step) => Math.abs(step) > off)
    worth -= excess(rung, moved, ({ resolution }, step) => {
      const coarse = resolution.step * scale
      return coarse > 4 * off && areMultiples({ steps: [step], off }, coarse)
    })
  }
  return worth
}

/** By how many octaves all of these are multiples of more than the rung, each of them counted. */
function excess(
  rung: Rung,
  values: readonly number[],
  fits: (rung: Rung, value: number) => boolean,
): number {
  if (values.length === 0) return 0
  const coarser = ladder.find(
    (other) =>
      other.resolution.step <= rung.resolution.step ||
      (divides(rung, other) && values.every((value) => fits(other, value))),
  )
  const octaves = Math.log2((coarser?.resolution.step ?? 0) / rung.resolution.step)
  return Math.max(0, octaves) * Math.min(values.length, MOST_CHANGES)
}
