import { evolutionPeriod, freshVersion } from '../alec/index.js'
import {
  type Continuity,
  type FrameSight,
  type ImportedPosition,
  LATEST,
  LONGEST_GAP,
  MOST_MESSAGES_PER_VALUE,
} from './stream-position.js'
import { advanceTrack, modulo } from './version-track.js'

/**
 * Judges the first frame after an encoder's state was imported. No sequence vouches for it: its version alone
 * must be the imported one, or the one that frames lost since then have led to, and time must rule out that the
 * device has started again, or its version has come round, in between.
 */
export function judgeAfterImport({ track }: ImportedPosition, sight: FrameSight): Continuity {
  if (sight.looksFresh) return { kind: 'fresh' }
  if (mayHaveRebooted(track, sight)) {
    return {
      kind: 'unknown',
      cause: 'device-reboot',
      message:
        'the device may have started again since its state was exported: export and import it anew',
    }
  }
  if (mayHaveComeRound(sight)) {
    return {
      kind: 'unknown',
      cause: 'lost-frames',
      message: 'the imported state is so old that the context version may have come round since',
    }
  }
  const { version, versionModulus } = sight
  const behind = modulo(track.version - version, versionModulus)
  const { most } = sight.observationsOfAny
  if (behind > 0 && behind <= freshVersion(LATEST * most)) {
    return { kind: 'late', behind: Math.ceil(behind / most) }
  }
  return (
    passUnheard(track, sight) ?? {
      kind: 'unknown',
      cause: 'foreign-state',
      message: `context version ${version} does not go on from the imported one, ${track.version}`,
    }
  )
}

/** An encoder that started anew since fits too, by what its sequence says that it has observed, and had the time. */
function mayHaveRebooted(track: ImportedPosition['track'], sight: FrameSight): boolean {
  const { sequence, version, versionModulus, suppresses } = sight
  const { least, most } = sight.observationsOfAny
  const from = freshVersion(sequence * least) % versionModulus
  const fits =
    sight.sendsOthers ||
    (least === most && !suppresses
      ? version === from
      : version >= from && (suppresses || version <= freshVersion(sequence * most)))
  // As for any stream: the first frame of all is taken for it.
  const firstMs = track.version === 0 ? sight.shortestIntervalMs : sight.restartMs
  const rounds = sight.sendsOthers ? sequence / MOST_MESSAGES_PER_VALUE : sequence
  return fits && sight.silenceMs >= firstMs + rounds * sight.shortestIntervalMs
}

/** Half a round of the version, at the most that a frame adds to it, leaves room for late frames and evolutions. */
function mayHaveComeRound(sight: FrameSight): boolean {
  const frames = sight.versionModulus / (2 * sight.observationsOfAny.most)
  return sight.silenceMs >= frames * sight.shortestIntervalMs
}

/** Goes on where the version has moved since the import in a way that unheard frames move it. */
function passUnheard(track: ImportedPosition['track'], sight: FrameSight): Continuity | undefined {
  const { version, versionModulus, observationsPerFrame: perFrame } = sight
  // A version counts rounds of 101: a hundred observations and their evolution.
  const total = modulo(version - track.version, versionModulus) + track.phaseLo
  const observations = total - Math.floor(total / (evolutionPeriod + 1)) - track.phaseLo
  const next = advanceTrack(track, version, observations, versionModulus)
  if (!next || observations > LONGEST_GAP * perFrame) return undefined
  const lost = observations / perFrame
  const goOn = (frames: number, suppressed: number): Continuity => ({
    kind: 'continues',
    lost: frames,
    suppressed: { least: 0, most: suppressed },
    track: next,
  })
  if (observations === 0) return goOn(0, 0)
  if (mayHaveMixed(sight, lost)) {
    return {
      kind: 'unknown',
      cause: 'lost-frames',
      message: `${observations} values passed since the state was exported, and nobody knows of which channels`,
    }
  }
  // What was observed was lost or kept back: any number of it may have been either.
  if (sight.suppresses) return goOn(0, observations)
  return Number.isInteger(lost) ? goOn(lost, 0) : undefined
}

/** Frames of fewer values may be among the lost ones: they would be more, and take longer. */
function mayHaveMixed(sight: FrameSight, lost: number): boolean {
  const { observationsPerFrame: perFrame, observationsOfAny } = sight
  if (perFrame === observationsOfAny.least) return false
  return sight.silenceMs >= (lost + perFrame - 1) * sight.shortestIntervalMs
}
