import { freshVersion } from '../alec/index.js'
import { judgeAfterImport } from './import-continuity.js'
import {
  type Continuity,
  type FramePosition,
  type FrameSight,
  LATEST,
  LONGEST_GAP,
  MOST_MESSAGES_PER_VALUE,
  SEQUENCES,
  type StreamPosition,
} from './stream-position.js'
import {
  advanceTrack,
  freshTrack,
  modulo,
  observationsAtLeast,
  unknownTrack,
  type VersionTrack,
} from './version-track.js'

const LONGEST_SUPPRESSION = 4096
const NONE = Object.freeze({ least: 0, most: 0 })
/** Sequence and version may have come round after so many intervals of silence. */
const ROUND = 32_768

/**
 * A frame may have come so much less late than the one before it, in intervals: networks, and we, are not punctual.
 * Frames that follow one another never reach what is left of a restart's interval, so this costs them nothing.
 */
const UNPUNCTUAL = 0.5

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
  if (before.sequence === null) return judgeAfterImport(before, sight)
  const ahead = modulo(sight.sequence - before.sequence - 1, SEQUENCES)
  if (ahead < SEQUENCES / 2) {
    const next = goOn(before, sight, ahead - sight.othersBefore)
    if (next) return next
  }
  if (sight.looksFresh) return { kind: 'fresh' }
  const behind = SEQUENCES - 1 - ahead
  if (behind < LATEST && isOlder(before, sight, behind)) return { kind: 'late', behind }
  return explainBreak(before, sight, ahead)
}

function goOn(before: FramePosition, sight: FrameSight, lost: number): Continuity | undefined {
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
  if (mayHideReboot(before, sight, lost)) {
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
  before: FramePosition,
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

/**
 * An encoder that started anew in the silence, and of which every frame before this one was lost, fits too. It may have
 * sent its first frame as soon as it had started, at any time after the frame before: then it has needed an interval less
 * than there are frames. One exception: behind a first frame this would be so whenever the next one comes, and no stream
 * could ever begin. So a device that restarts again within an interval of its very first frame must not lose those
 * that it sends until then, or wait an interval before it sends. Nobody knows how late a first frame was; but where frames
 * are missing behind it, and this one comes sooner than they can have been sent, it was held up, for as long as you like.
 */
function mayHideReboot(before: FramePosition, sight: FrameSight, lost: number): boolean {
  if (sight.observationsPerFrame === 0) return false
  const fresh = freshVersion(sight.sequence * sight.observationsPerFrame) % sight.versionModulus
  // What it has sent beside its values moves sequence and version: then any of them fit.
  const fits =
    sight.sendsOthers || (sight.suppresses ? sight.version >= fresh : sight.version === fresh)
  const isBehindFirst = before.sequence === 0
  const sentWithinMs = (lost + 1 - UNPUNCTUAL) * sight.shortestIntervalMs
  if (isBehindFirst && lost > 0 && sight.silenceMs < sentWithinMs) return fits
  const firstMs = isBehindFirst ? sight.shortestIntervalMs : sight.restartMs
  const rounds = sight.sendsOthers
    ? sight.sequence / MOST_MESSAGES_PER_VALUE
    : Math.max(sight.sequence, roundsSeen(sight))
  const neededMs = firstMs + (rounds - UNPUNCTUAL) * sight.shortestIntervalMs
  return fits && sight.silenceMs + sight.latenessMs >= neededMs
}

/**
 * How often an encoder of this version has measured at least; each time took it an interval, whether it sent a frame or
 * kept the values back. Where the interval was learned from the frames alone, that is not known.
 */
function roundsSeen({ version, suppresses, observationsOfAny, restartMs }: FrameSight): number {
  if (!suppresses || restartMs > 0) return 0
  return Math.floor(observationsAtLeast(version) / observationsOfAny.most)
}

/** An old frame's version lies behind by what its successors observed. */
function isOlder(before: FramePosition, sight: FrameSight, behind: number): boolean {
  const observations = behind * sight.observationsPerFrame
  const step = modulo(before.track.version - sight.version, sight.versionModulus)
  return (
    step >= observations &&
    (sight.suppresses ||
      sight.sendsOthers ||
      step <= observations + Math.ceil(observations / 100) + 1)
  )
}

function explainBreak(before: FramePosition, sight: FrameSight, ahead: number): Continuity {
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
