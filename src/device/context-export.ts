import {
  type ChannelEstimate,
  Context,
  evolutionPeriod,
  exportAlcs,
  PatternDictionary,
  type SourceRecord,
} from '../alec/index.js'
import { doubtsOf, IN_DOUBT, remedyFor } from './context-doubts.js'
import type { DeviceProfile } from './profile.js'
import type { SessionMemory } from './session-memory.js'
import { DeviceStream } from './stream.js'
import { modulo, type VersionTrack } from './version-track.js'

export interface ExportedContext {
  readonly alcs: Uint8Array
  /** Why these bytes are not the encoder's own state, for people; empty where they are, in all that decoding needs. */
  readonly doubts: readonly string[]
  /** What makes them go, for people; empty where there are none. */
  readonly remedy: string
}

/**
 * A device's decoding state as an ALCS file; undefined where nothing is known of the device.
 *
 * Per channel its last value and average are what a plain decoder would have, which is the encoder's where the
 * channel is exact. A receiver does not follow the rest: `count` is 0 to 2 where it is known to be, else the
 * channel's share of the observations; `mean` is the average, `m2` 0, the history empty. The version holds the
 * bits that frames carry, the number of observations is one that fits them; there are no patterns. Where any of it
 * is in doubt, the bytes say so (`IN_DOUBT`), and `importContext` refuses them.
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
  const doubts = doubtsOf(profile, estimates, track)
  const remedy = doubts.length > 0 ? remedyFor(profile, estimates) : ''
  const sensorType = doubts.length > 0 ? IN_DOUBT : ''
  const options = { scale: profile.spec.scale, historySize, sensorType }
  const context = Context.from(
    options,
    counters,
    sources.sort((a, b) => a.key - b.key),
    new PatternDictionary(),
  )
  return { alcs: exportAlcs(context), doubts, remedy }
}

/** Where the encoder stands after the last frame: a track shows it before that. */
function countersAfter(
  { version, phaseLo }: VersionTrack,
  observed: number,
  modulus: number,
): { version: number; observations: number } {
  const evolutions = Math.floor((phaseLo + observed) / evolutionPeriod)
  const next = modulo(version + observed + evolutions, modulus)
  const phase = (phaseLo + observed) % evolutionPeriod
  const rounds = Math.max(0, Math.floor((next - phase) / (evolutionPeriod + 1)))
  return { version: next, observations: rounds * evolutionPeriod + phase }
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
