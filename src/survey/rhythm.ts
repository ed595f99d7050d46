import { count, type Finding, found } from './finding.js'
import type { TakenApart } from './taken-apart.js'

/** The encoder's own interval is a whole number of these, where it is that close to one. */
const NICE_MS = [86_400_000, 3_600_000, 600_000, 60_000, 10_000, 1000, 100, 50, 10]
/** Clocks of devices are off by less than this. */
const CLOCK_ERROR = 0.002
const MANY = 8

/** The time between two frames; undefined where it does not show. */
export function intervalOf(frames: readonly TakenApart[]): Finding<number | undefined> {
  const gaps: number[] = []
  frames.forEach(({ sighting, follows }, i) => {
    const before = frames[i - 1]
    if (follows && before) gaps.push(sighting.mono - before.sighting.mono)
  })
  gaps.sort((a, b) => a - b)
  const median = gaps[gaps.length >> 1] ?? 0
  if (gaps.length < 3 || median < 1) {
    const why = gaps.length < 3 ? 'too few frames in a row' : 'no times of arrival'
    return found(undefined, 'unknown', `${why}: the bridge learns it`)
  }
  const at = (share: number) => gaps[Math.floor(gaps.length * share)] ?? median
  const evidence = `median of ${count(gaps.length, 'gap')} is ${milliseconds(median)}, four in five of them from ${milliseconds(at(0.1))} to ${milliseconds(at(0.9))}`
  const steady = at(0.9) - at(0.1) < 0.25 * median
  const sure = steady && gaps.length >= MANY ? 'certain' : steady ? 'likely' : 'guess'
  return found(niceBelow(median), sure, evidence)
}

const milliseconds = (ms: number): string => `${Number(ms.toPrecision(4))} ms`

/**
 * The round number that is meant, else a little less than what was measured: that frames come no sooner than it is what
 * the search for restarts rests on.
 */
function niceBelow(ms: number): number {
  for (const unit of NICE_MS) {
    const nice = Math.round(ms / unit) * unit
    const close = Math.max(CLOCK_ERROR * ms, 0.5)
    if (nice > 0 && Math.abs(nice - ms) <= close) return nice
  }
  return Math.max(1, Math.floor(ms))
}

/** The number of frames from keyframe to keyframe; undefined where no two of them were seen. */
export function keyframeIntervalOf(frames: readonly TakenApart[]): Finding<number | undefined> {
  const { whole, broken, longestRun } = stretchesOf(frames)
  // A keyframe that was asked for starts the count anew, so only the longest stretches are what is scheduled.
  const longest = Math.max(0, ...whole)
  if (longest > longestRun && longest > 1) {
    const times = whole.filter((stretch) => stretch === longest).length
    const evidence = `${count(longest, 'frame')} from keyframe to keyframe, ${count(times, 'time')}`
    return found(longest, times > 1 ? 'certain' : 'likely', evidence)
  }
  // Where frames are missing, keyframes may be among them: then the shortest stretch divides the others.
  const all = [...whole, ...broken]
  const shortest = Math.min(...all)
  if (all.length > 0 && shortest > longestRun && all.every((other) => other % shortest === 0)) {
    const evidence = `keyframes come ${[...new Set(all)].join(', ')} frames apart, some of which are missing`
    return found(shortest, all.length > 2 ? 'likely' : 'guess', evidence)
  }
  const seen = frames.filter(({ keyframe }) => keyframe).length
  const evidence =
    seen > 0
      ? `${count(seen, 'keyframe')}, but no scheduled stretch from one to the next; ${longestRun} frames in a row had none`
      : `no keyframe in ${count(longestRun, 'frame')} in a row: more than that, or never`
  return found(undefined, 'unknown', evidence)
}

interface Stretches {
  /** Frames from one keyframe (or the start of the encoder) to the next, all of which came. */
  readonly whole: readonly number[]
  /** The same where frames are missing in between. */
  readonly broken: readonly number[]
  /** Most frames in a row without a keyframe. */
  readonly longestRun: number
}

function stretchesOf(frames: readonly TakenApart[]): Stretches {
  const whole: number[] = []
  const broken: number[] = []
  let longestRun = 0
  let run = 0
  // The last keyframe, or the start of the encoder.
  let since: { readonly sequence: number; readonly whole: boolean } | undefined
  for (const { keyframe, fresh, follows, sequence } of frames) {
    if (!follows) {
      run = 0
      since = since && { ...since, whole: false }
    }
    if (fresh) since = undefined
    run = keyframe || fresh ? 0 : run + 1
    longestRun = Math.max(longestRun, run)
    if (!keyframe && !fresh) continue
    if (since) (since.whole ? whole : broken).push((sequence - since.sequence + 2 ** 16) % 2 ** 16)
    since = { sequence, whole: true }
  }
  return { whole, broken, longestRun }
}
