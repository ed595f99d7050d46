import {
  type ChannelEstimate,
  Context,
  evolutionPeriod,
  exportAlcs,
  PatternDictionary,
  type SourceRecord,
} from '../alec/index.js'
import type { DeviceProfile } from './profile.js'
import type { SessionMemory } from './session-memory.js'
import { DeviceStream } from './stream.js'
import { modulo } from './version-track.js'

export interface ExportedContext {
  readonly alcs: Uint8Array
  /** Why these bytes are not the encoder's own state, for people; empty where they are, in all that decoding needs. */
  readonly doubts: readonly string[]
}

/**
 * A device's decoding state as an ALCS file; undefined where nothing is known of the device.
 *
 * Per channel its last value and average are what a plain decoder would have, which is the encoder's where the
 * channel is exact. A receiver does not follow the rest: `count` is 0 to 2 where it is known to be, else the
 * channel's share of the observations; `mean` is the average, `m2` 0, the history empty. The version holds the
 * bits that frames carry, the number of observations is one that fits them; there are no patterns.
 */
export function exportContext(
  profile: DeviceProfile,
  memory: SessionMemory,
): ExportedContext | undefined {
  const stream = new DeviceStream(profile)
  const { stream: kept } = memory
  if (!kept.position || !stream.restore(kept)) return undefined
  const { track } = kept.position
  const counters = countersAfter(track, kept.observationsBefore, profile.versionModulus)
  const { estimates } = stream.decoder
  const share = Math.floor(counters.observations / Math.max(1, estimates.length))
  const historySize = profile.spec.frames === 'compact' ? 20 : 100
  const sources = estimates.map((estimate, i) =>
    recordOf(estimate, profile.decoder.channels[i]?.key ?? 0, share, historySize),
  )
  const options = { scale: profile.spec.scale, historySize }
  const doubts = estimates.flatMap((estimate, i) => {
    const doubt = doubtOf(estimate)
    return doubt === undefined ? [] : [`channel ${profile.names[i]}: ${doubt}`]
  })
  if (counters.spread > 0) {
    doubts.push(
      `its next evolution is known to ${counters.spread + 1} observations only: the version may be off by one then`,
    )
  }
  const context = Context.from(
    options,
    counters,
    sources.sort((a, b) => a.key - b.key),
    new PatternDictionary(),
  )
  return { alcs: exportAlcs(context), doubts }
}

/** Where the encoder stands after the last frame: a track shows it before that. */
function countersAfter(
  { version, phaseLo, phaseHi }: { version: number; phaseLo: number; phaseHi: number },
  observed: number,
  modulus: number,
): { version: number; observations: number; spread: number } {
  const evolutions = Math.floor((phaseLo + observed) / evolutionPeriod)
  const next = modulo(version + observed + evolutions, modulus)
  const phase = (phaseLo + observed) % evolutionPeriod
  const rounds = Math.max(0, Math.floor((next - phase) / (evolutionPeriod + 1)))
  return {
    version: next,
    observations: rounds * evolutionPeriod + phase,
    spread: phaseHi - phaseLo,
  }
}

function recordOf(
  estimate: ChannelEstimate,
  key: number,
  share: number,
  maxHistory: number,
): SourceRecord {
  const { last, average, observations } = estimate.describe()
  const settled = observations.atLeast >= 3
  return {
    key,
    count: settled ? Math.max(observations.atLeast, share) : observations.atLeast,
    last: last.point,
    ema: average.point,
    mean: average.point,
    m2: 0,
    maxHistory,
    history: [],
  }
}

function doubtOf(estimate: ChannelEstimate): string | undefined {
  if (estimate.exact) return undefined
  if (estimate.poisoned) return 'its average is no number since the device sent NaN or ±∞'
  const { last, average, observations } = estimate.describe()
  if (!Number.isFinite(average.hi - average.lo)) return 'nothing is known of its state'
  if (last.lo < last.hi) return `its last value lies somewhere from ${last.lo} to ${last.hi}`
  if (average.lo < average.hi)
    return `its average lies somewhere from ${average.lo} to ${average.hi}`
  return observations.exactly
    ? 'a number of it may be NaN'
    : 'nobody knows how often it was observed'
}
