import type { Quality } from '../../device/index.js'
import type { ChannelPoints } from '../../http/feed/messages.js'
import type { Points } from '../store/device-store.js'

const QUALITIES: Readonly<Record<string, Quality>> = { g: 'good', u: 'uncertain', b: 'bad' }

/** Undefined where the frame did not carry the channel. */
export const qualityAt = ({ qualities }: ChannelPoints, at: number): Quality | undefined =>
  QUALITIES[qualities[at] ?? '-']

/** A stretch of time, in Unix seconds, and where the value lies in it; null where nobody knows. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly quality: Quality
  readonly lo: number | null
  readonly hi: number | null
}

/** Where frames are missing, or the device began anew. */
export interface Break {
  readonly at: number
  readonly kind: 'gap' | 'epoch'
}

export interface ChartData {
  /** Unix seconds. */
  readonly at: readonly number[]
  /** Null where there is none, and the line breaks: a frame without the channel says nothing of it. */
  readonly good: readonly (number | null)[]
  readonly uncertain: readonly (number | null)[]
  readonly bands: readonly Band[]
  readonly breaks: readonly Break[]
}

/** One channel's points as a chart draws them. */
export function chartData({ at, epoch, seq, channels }: Points, index: number): ChartData {
  const channel = channels[index]
  const seconds = at.map((ms) => ms / 1000)
  if (!channel) return { at: seconds, good: [], uncertain: [], bands: [], breaks: [] }
  const good: (number | null)[] = []
  const uncertain: (number | null)[] = []
  const carried: number[] = []
  seconds.forEach((_, i) => {
    const quality = qualityAt(channel, i)
    const value = channel.values[i] ?? null
    good.push(quality === 'good' ? value : null)
    uncertain.push(quality === 'uncertain' ? value : null)
    if (quality !== undefined) carried.push(i)
  })
  return {
    at: seconds,
    good,
    uncertain,
    bands: bandsOf(seconds, channel, carried),
    breaks: breaksOf(seconds, epoch, seq),
  }
}

/** Each reading's bound holds half way to its neighbours, and no further than a usual interval. */
function bandsOf(
  seconds: readonly number[],
  channel: ChannelPoints,
  carried: readonly number[],
): Band[] {
  const times = carried.map((i) => seconds[i] ?? 0)
  const reach = 0.75 * medianStep(times)
  return carried.flatMap((i, n) => {
    const quality = qualityAt(channel, i)
    const bound = channel.bounds[i] ?? null
    const value = channel.values[i] ?? null
    if (quality === undefined || (quality === 'good' && bound === 0)) return []
    const time = times[n] ?? 0
    const [before, after] = [times[n - 1], times[n + 1]]
    const known = quality !== 'bad' && value !== null && bound !== null
    return [
      {
        from: time - Math.min(reach, before === undefined ? reach : (time - before) / 2),
        to: time + Math.min(reach, after === undefined ? reach : (after - time) / 2),
        quality,
        lo: known ? value - bound : null,
        hi: known ? value + bound : null,
      },
    ]
  })
}

/** Points that no line leads to or from: by index. */
export const isolated = (values: readonly (number | null | undefined)[]): number[] =>
  values.flatMap((value, i) => {
    const alone = values[i - 1] == null && values[i + 1] == null
    return value != null && alone ? [i] : []
  })

function medianStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time))
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 1
}

function breaksOf(
  seconds: readonly number[],
  epoch: readonly number[],
  seq: readonly number[],
): Break[] {
  const breaks: Break[] = []
  for (let i = 1; i < seconds.length; i++) {
    const at = ((seconds[i - 1] ?? 0) + (seconds[i] ?? 0)) / 2
    if (epoch[i] !== epoch[i - 1]) breaks.push({ at, kind: 'epoch' })
    else if ((seq[i] ?? 0) - (seq[i - 1] ?? 0) > 1) breaks.push({ at, kind: 'gap' })
  }
  return breaks
}

/** The least and the most that a chart of these shows, with a little room. */
export function rangeOf({ good, uncertain, bands }: ChartData): [number, number] {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const see = (value: number | null) => {
    if (value === null) return
    lo = Math.min(lo, value)
    hi = Math.max(hi, value)
  }
  good.forEach(see)
  uncertain.forEach(see)
  const [least, most] = [lo, hi]
  for (const band of bands) {
    see(band.lo)
    see(band.hi)
  }
  if (lo > hi) return [0, 1]
  // A very wide bound would press the course into a line.
  const room = Math.max(4 * (most - least), Math.abs(most) * 0.02, 1e-6)
  if (least <= most) [lo, hi] = [Math.max(lo, least - room), Math.min(hi, most + room)]
  const pad = (hi - lo) * 0.12 || Math.abs(hi) * 0.01 || 1
  return [lo - pad, hi + pad]
}
