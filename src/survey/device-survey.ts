import type { FrameShape } from '../alec/index.js'
import type { ModelSpec } from '../device/index.js'
import { type ChannelSurvey, surveyChannel } from './channel-survey.js'
import { type Finding, found } from './finding.js'
import { type Fit, fitEncoder } from './model-search.js'
import { intervalOf, keyframeIntervalOf } from './rhythm.js'
import { shapeOf } from './shape.js'
import type { Sighting } from './sighting.js'
import { hiddenChannels, multiOf, suppressionOf } from './standard-traits.js'
import { type TakenApart, takeApart } from './taken-apart.js'

/** What was found out of one device by its frames. */
export interface DeviceSurvey {
  /** Frames seen, and those of them that are frames of this shape. */
  readonly frames: number
  readonly fitting: number
  readonly shape: Finding<FrameShape>
  readonly profile: Finding<ModelSpec['profile']>
  readonly scale: Finding<number>
  readonly intervalMs: Finding<number | undefined>
  /** Of compact frames. */
  readonly keyframeInterval: Finding<number | undefined> | undefined
  /** Of standard frames. */
  readonly multi: Finding<ModelSpec['multi']> | undefined
  readonly suppresses: Finding<boolean> | undefined
  readonly channels: readonly ChannelSurvey[]
  /** Channels that the device observes and that came in no frame. */
  readonly hiddenChannels: number
  /** What decoding all of it by these findings gave. */
  readonly readings: number
  readonly good: number
}

/** Scale factors that firmware may use in place of the library's 100. */
const OTHER_SCALES = [1000, 10, 10_000, 1]
const DEFAULT_SCALE = 100
/** So many octaves more than its rival speak for a kind of encoder beyond doubt. */
const CLEARLY = 40
const FAIRLY = 20
/** What is usual, the device library with its scale factor, gives way to something else only for so much. */
const UNUSUAL_PROFILE = FAIRLY
const UNUSUAL_SCALE = 30

/** Finds out what can be told of a device; undefined where its frames are none of a known shape. */
export function surveyDevice(sightings: readonly Sighting[]): DeviceSurvey | undefined {
  const shape = shapeOf(sightings)
  if (!shape) return undefined
  const frames = takeApart(sightings, shape.value)
  if (frames.length === 0) return undefined
  const compact = shape.value.family === 'compact'
  const multi = compact ? undefined : multiOf(frames)
  const sources = compact ? [] : sourcesIn(frames)
  const suppresses = compact ? undefined : suppressionOf(frames)
  const base = {
    frames: compact ? ('compact' as const) : ('standard' as const),
    checksum: shape.value.family === 'standard' && shape.value.checksum,
    keyframeInterval: 50,
    multi: multi?.value ?? ('adaptive' as const),
    suppresses: suppresses?.value ?? false,
    channels:
      shape.value.family === 'compact'
        ? Array.from({ length: shape.value.channels }, (_, i) => ({ name: `c${i}` }))
        : sources.map((source) => ({ name: `s${source}`, source })),
  }
  const { fit, profile, scale } = searchEncoder(base, frames)
  const channels = fit.channels.map((channel, i) => surveyChannel(scale, channel, i, sources[i]))
  return {
    frames: sightings.length,
    fitting: frames.length,
    shape,
    profile,
    scale,
    intervalMs: intervalOf(frames),
    keyframeInterval: compact ? keyframeIntervalOf(frames) : undefined,
    multi,
    suppresses,
    channels,
    hiddenChannels: multi?.value === 'adaptive' ? hiddenChannels(frames, sources.length) : 0,
    readings: fit.channels.reduce((sum, { trial }) => sum + trial.readings, 0),
    good: fit.channels.reduce((sum, { trial }) => sum + trial.good, 0),
  }
}

/** The context keys on the wire, in the order of their first appearance. */
const sourcesIn = (frames: readonly TakenApart[]): number[] => [
  ...new Set(frames.flatMap(({ keys }) => keys)),
]

interface Searched {
  readonly fit: Fit
  readonly profile: Finding<ModelSpec['profile']>
  readonly scale: Finding<number>
}

/** Tries the kinds of encoders that there are on the same frames. */
function searchEncoder(
  base: Omit<ModelSpec, 'profile' | 'scale'>,
  frames: readonly TakenApart[],
): Searched {
  const openLoop = 'alec-1.3'
  if (base.frames === 'standard' && base.multi === 'plain') {
    const fit = fitEncoder(base, { profile: openLoop, scale: DEFAULT_SCALE }, frames)
    const whole = 'every value is whole: it makes no difference'
    return {
      fit,
      profile: found(openLoop, 'certain', whole),
      scale: found(DEFAULT_SCALE, 'unknown', whole),
    }
  }
  const profiles: readonly ModelSpec['profile'][] =
    base.frames === 'compact' ? [openLoop, 'closed-loop'] : [openLoop]
  const fitsOf = (scale: number) =>
    profiles.map((profile) => fitEncoder(base, { profile, scale }, frames))
  const fits = [DEFAULT_SCALE, ...OTHER_SCALES].flatMap(fitsOf)
  // The first, which is the usual one, wins a draw.
  const fit = fits.reduce((best, other) => (merit(other) > merit(best) ? other : best))
  const { profile, scale } = fit.encoder
  const otherProfiles = fits.filter(({ encoder }) => encoder.profile !== profile)
  const otherScales = fits.filter(({ encoder }) => encoder.scale !== scale)
  return {
    fit,
    profile: found(profile, ...trust(fit, otherProfiles, profileWords(base.frames, profile))),
    scale: found(scale, ...trust(fit, otherScales, `a delta's unit is 1/${scale}`)),
  }
}

const merit = ({ encoder, worth }: Fit): number =>
  worth -
  (encoder.profile === 'closed-loop' ? UNUSUAL_PROFILE : 0) -
  (encoder.scale === DEFAULT_SCALE ? 0 : UNUSUAL_SCALE)

function profileWords(family: ModelSpec['frames'], profile: ModelSpec['profile']): string {
  if (family === 'standard') return 'standard frames know no other'
  return profile === 'closed-loop'
    ? 'what it sends counts from what it sent before, anew at each keyframe'
    : 'what it sends counts from what it measured'
}

function trust(
  { worth }: Fit,
  rivals: readonly Fit[],
  words: string,
): [Finding<unknown>['confidence'], string] {
  if (rivals.length === 0) return ['certain', words]
  const lead = worth - Math.max(...rivals.map((rival) => rival.worth))
  if (lead >= CLEARLY) return ['certain', words]
  if (lead >= FAIRLY) return ['likely', words]
  return ['guess', 'the frames so far fit others nearly as well']
}
