import { freshVersion } from '../alec/index.js'
import {
  advanceTrack,
  freshTrack,
  modulo,
  unknownTrack,
  type VersionTrack,
} from './version-track.js'

/** Where a device's stream stands after its last accepted frame. */
export interface StreamPosition {
  readonly sequence: number
  readonly track: VersionTrack
}

/** What the next frame shows, and what the judgement rests on. */
export interface FrameSight {
  readonly sequence: number
  readonly version: number
  /** 2¹⁶ for compact frames, 2²⁴ for standard ones. */
  readonly versionModulus: number
  /** Sequence and version 0, no keyframe, nothing but first values: what only a new encoder sends. */
  readonly looksFresh: boolean
  /** What each frame of this device adds to its observations: 0 for plain multi frames. */
  readonly observationsPerFrame: number
  /** What the frame before this one added. */
  readonly observationsBefore: number
  /** The device may observe without sending. */
  readonly suppresses: boolean
  /** Since the last accepted frame. */
  readonly silenceMs: number
  /** 0 where nothing is known. */
  readonly shortestIntervalMs: number
}

/**
 * How a frame goes on from the one before: `lost` frames of which nothing arrived, `suppressed` observations
 * that the device kept to itself, an encoder that is new, one whose state is unknown, or an old frame.
 */
export type Continuity =
  | {
      readonly kind: 'continues'
      readonly lost: number
      readonly suppressed: { readonly least: number; readonly most: number }
      readonly track: VersionTrack
    }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'late'; readonly behind: number }
  | {
      readonly kind: 'unknown'
      readonly cause:
        | 'started-mid-stream'
        | 'lost-frames'
        | 'device-reboot'
        | 'foreign-state'
        | 'wrong-channel-count'
      readonly message: string
    }

const SEQUENCES = 65_536
/** A longer gap is not bridged: the bounds would be as wide as the range long before. */
const LONGEST_GAP = 4096
/** This far behind is a late frame, further a device that has started again. */
const LATEST = 64
const LONGEST_SUPPRESSION = 4096
const NONE = Object.freeze({ least: 0, most: 0 })
/** Sequence and version may have come round after so many intervals of silence. */
const ROUND = 32_768

/** Judges a frame by sequence, version and time (`exact-decoding.md` 3); never guesses in favour of a known state. */
export function judge(before: StreamPosition | undefined, sight: FrameSight): Continuity {
  if (!before) {
    return sight.looksFresh
      ? { kind: 'fresh' }
      : {
          kind: 'unknown',
          cause: 'started-mid-stream',
          message: 'the first frame is not the first of its device',
        }
  }
  const ahead = modulo(sight.sequence - before.sequence - 1, SEQUENCES)
  if (ahead < SEQUENCES / 2) {
    const next = goOn(before, sight, ahead)
    if (next) return next
  }
  if (sight.looksFresh) return { kind: 'fresh' }
  const behind = SEQUENCES - 1 - ahead
  if (behind < LATEST && isOlder(before, sight, behind)) return { kind: 'late', behind }
  return explainBreak(before, sight, ahead)
}

function goOn(before: StreamPosition, sight: FrameSight, lost: number): Continuity | undefined {
  if (lost > LONGEST_GAP) return undefined
  const passed = passObservations(before, sight, lost)
  if (!passed) return undefined
  if (sight.shortestIntervalMs > 0 && sight.silenceMs >= ROUND * sight.shortestIntervalMs) {
    return {
      kind: 'unknown',
      cause: 'lost-frames',
      message: 'silent for so long that sequence and version may have come round',
    }
  }
  if (mayHideReboot(sight)) {
    return {
      kind: 'unknown',
      cause: 'device-reboot',
      message: 'the numbers go on, but a device that has rebooted unseen would show the same',
    }
  }
  return passed
}

/** Continues where the version is just the one that this many lost (and suppressed) frames give. */
function passObservations(
  before: StreamPosition,
  sight: FrameSight,
  lost: number,
): Continuity | undefined {
  const { version, versionModulus } = sight
  const expected = sight.observationsBefore + lost * sight.observationsPerFrame
  if (!sight.suppresses) {
    const track = advanceTrack(before.track, version, expected, versionModulus)
    return track && { kind: 'continues', lost, suppressed: NONE, track }
  }
  const step = modulo(version - before.track.version - expected, versionModulus)
  const most = Math.min(step, LONGEST_SUPPRESSION)
  // An evolution raises the version as one more suppressed value would. Where it is not known to the unit when
  // evolutions come, either may be true.
  const fitting: { suppressed: number; track: VersionTrack }[] = []
  for (let suppressed = most; suppressed >= 0 && suppressed >= most * 0.98 - 2; suppressed--) {
    const track = advanceTrack(before.track, version, expected + suppressed, versionModulus)
    if (track) fitting.push({ suppressed, track })
  }
  const [first] = fitting
  const last = fitting.at(-1)
  if (!first || !last) return undefined
  const track = fitting.length === 1 ? first.track : unknownTrack(version)
  const suppressed = { least: last.suppressed, most: first.suppressed }
  return { kind: 'continues', lost, suppressed, track }
}

/** An encoder that started anew in the silence, and of which every frame before this one was lost, fits too. */
function mayHideReboot(sight: FrameSight): boolean {
  if (sight.observationsPerFrame === 0) return false
  const fresh = freshVersion(sight.sequence * sight.observationsPerFrame) % sight.versionModulus
  const fits = sight.suppresses ? sight.version >= fresh : sight.version === fresh
  return fits && sight.silenceMs >= (sight.sequence + 1) * sight.shortestIntervalMs
}

/** An old frame's version lies behind by what its successors observed. */
function isOlder(before: StreamPosition, sight: FrameSight, behind: number): boolean {
  const observations = behind * sight.observationsPerFrame
  const step = modulo(before.track.version - sight.version, sight.versionModulus)
  return (
    step >= observations &&
    (sight.suppresses || step <= observations + Math.ceil(observations / 100) + 1)
  )
}

function explainBreak(before: StreamPosition, sight: FrameSight, ahead: number): Continuity {
  const { observationsPerFrame: perFrame, versionModulus } = sight
  if (perFrame > 0 && sight.version === freshVersion(sight.sequence * perFrame) % versionModulus) {
    return {
      kind: 'unknown',
      cause: 'device-reboot',
      message: `the device has started again; its first ${sight.sequence} frames are missing`,
    }
  }
  const step = modulo(sight.version - before.track.version, versionModulus)
  if (ahead === 0 && step > 0 && step <= 65 && step !== perFrame) {
    return {
      kind: 'unknown',
      cause: 'wrong-channel-count',
      message: `each frame should move the context version by ${perFrame}, this one moved it by ${step}: check the number of channels`,
    }
  }
  if (ahead > LONGEST_GAP && ahead < SEQUENCES / 2) {
    return {
      kind: 'unknown',
      cause: 'lost-frames',
      message: `${ahead} frames are missing, too many to bridge`,
    }
  }
  return {
    kind: 'unknown',
    cause: 'foreign-state',
    message: `sequence ${before.sequence} → ${sight.sequence} and context version ${before.track.version} → ${sight.version} do not belong to one encoder`,
  }
}

/** The position after a frame that was accepted as `continuity` says. */
export function positionAfter(continuity: Continuity, sight: FrameSight): StreamPosition {
  switch (continuity.kind) {
    case 'continues':
      return { sequence: sight.sequence, track: continuity.track }
    case 'fresh':
      return { sequence: sight.sequence, track: freshTrack }
    default:
      return { sequence: sight.sequence, track: unknownTrack(sight.version) }
  }
}
