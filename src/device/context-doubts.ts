import { type ChannelEstimate, evolutionPeriod } from '../alec/index.js'
import type { DeviceProfile } from './profile.js'
import type { VersionTrack } from './version-track.js'

/**
 * What a state that is a guess has in place of the sensor's type. ALCS holds no bounds and no flags; this label is
 * all that is in it which decoding does not use, so that other readers take such a state, and ours knows it.
 */
export const IN_DOUBT = 'alec-bridge:in-doubt'

/** Why a state is not the encoder's own, for people: every channel of which something is not known to the bit. */
export function doubtsOf(
  profile: DeviceProfile,
  estimates: readonly ChannelEstimate[],
  track: VersionTrack,
): string[] {
  const doubts = estimates.flatMap((estimate, i) => {
    const doubt = doubtOf(estimate)
    return doubt === undefined ? [] : [`channel ${profile.names[i]}: ${doubt}`]
  })
  if (!tellsEvolutions(profile, track)) {
    doubts.push(
      `its next evolution is known to ${track.phaseHi - track.phaseLo + 1} observations only: the version may be off by one then, until some hundred frames have told`,
    )
  }
  return doubts
}

/** What makes such a state known, for people; a sentence about the device. */
export function remedyFor(
  { spec, decoder, hasKeyframes }: DeviceProfile,
  estimates: readonly ChannelEstimate[],
): string {
  if (estimates.every(({ exact }) => exact)) return 'export again some hundred frames later'
  const again = 'export again when sync in its status is exact'
  if (spec.profile === 'closed-loop') return `ask it for a keyframe (device/resync), and ${again}`
  const own = 'take the state that it exports itself in place of this'
  // A delta does not tell apart what is finer than its own step: some doubt about the average stays.
  const settles = estimates.every((estimate, i) => {
    const { resolution } = decoder.channels[i]?.declared ?? {}
    return resolution !== undefined && resolution.step >= 1 / spec.scale && !estimate.poisoned
  })
  if (!settles) return `its frames alone will not tell: ${own}`
  // measured: 78 to 474 frames of 1 to 3 channels. The keyframe tells the last value, the average comes closer with each.
  return hasKeyframes
    ? `ask it for a keyframe (device/resync), and ${again}, some hundred frames later; or ${own}`
    : `its frames alone will not tell: ${own}, or ${again}, after the device has started anew`
}

/**
 * Whether the versions of the frames to come are known. Compact frames observe all channels at once: of the phases
 * that no number of such steps tells apart (two, where there are two channels) any will do.
 */
function tellsEvolutions({ spec }: DeviceProfile, { phaseLo, phaseHi }: VersionTrack): boolean {
  const step = spec.frames === 'compact' ? commonDivisor(spec.channels.length, evolutionPeriod) : 1
  return Math.floor(phaseLo / step) === Math.floor(phaseHi / step)
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

function doubtOf(estimate: ChannelEstimate): string | undefined {
  if (estimate.exact) return undefined
  if (estimate.poisoned) return 'its average is no number since the device sent NaN or ±∞'
  const { last, average, observations } = estimate.describe()
  if (!Number.isFinite(average.hi - average.lo)) return 'nothing is known of its state'
  if (last.lo < last.hi) return `its last value lies somewhere ${within(last)}`
  if (average.lo < average.hi) return `its average lies somewhere ${within(average)}`
  return observations.exactly
    ? 'a number of it may be NaN'
    : 'nobody knows how often it was observed'
}

const within = ({ lo, hi }: { readonly lo: number; readonly hi: number }): string =>
  `from ${lo} to ${hi} (${Number((hi - lo).toPrecision(3))} wide)`
