import type { Parcel } from './parcel.js'
import type { VersionTrack } from './version-track.js'

export const SEQUENCES = 65_536
/** A longer gap, in frames, is not bridged: the bounds would be as wide as the range long before. */
export const LONGEST_GAP = 4096
/** Of a device's messages every second one has values, at least: what it sends beside them takes no interval. */
export const MOST_MESSAGES_PER_VALUE = 2
/** So many frames behind is a late frame, further a device that has started again. */
export const LATEST = 64

/** Where a device's stream stands after its last accepted frame. */
export interface FramePosition {
  readonly sequence: number
  readonly track: VersionTrack
}

/** Where it stands after an encoder's state was imported, which knows no sequence, and before its next frame. */
export interface ImportedPosition {
  readonly sequence: null
  /** Known to the unit; its version is that of the next frame, if no frame is missed. */
  readonly track: VersionTrack
  /** When the state was true, monotonic milliseconds. */
  readonly importedAt: number
}

export type StreamPosition = FramePosition | ImportedPosition

/** Of a packed position. */
const NOWHERE = 0
const AT_A_FRAME = 1
const IMPORTED = 2

export function packPosition(position: StreamPosition | undefined, parcel: Parcel): void {
  if (position === undefined) {
    parcel.put(NOWHERE)
    return
  }
  const { sequence, track } = position
  parcel.put(sequence === null ? IMPORTED : AT_A_FRAME)
  parcel.put(sequence === null ? position.importedAt : sequence)
  parcel.put(track.version)
  parcel.put(track.phaseLo)
  parcel.put(track.phaseHi)
}

export function unpackPosition(parcel: Parcel): StreamPosition | undefined {
  const kind = parcel.take()
  if (kind === NOWHERE) return undefined
  const first = parcel.take()
  const track = { version: parcel.take(), phaseLo: parcel.take(), phaseHi: parcel.take() }
  return kind === IMPORTED
    ? { sequence: null, track, importedAt: first }
    : { sequence: first, track }
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
  /** What any frame of this device may add: standard frames carry one value or several. */
  readonly observationsOfAny: { readonly least: number; readonly most: number }
  /** The device may observe without sending. */
  readonly suppresses: boolean
  /** The device sends messages that carry no data, or uses patterns: both move its numbers as no value does. */
  readonly sendsOthers: boolean
  /** How many such messages have a number between the last frame's and this one's. */
  readonly othersBefore: number
  /** Since the last accepted frame, or since an imported state was true. */
  readonly silenceMs: number
  /** How much earlier than it came the last accepted frame may have been sent. */
  readonly latenessMs: number
  /** 0 where nothing is known. */
  readonly shortestIntervalMs: number
  /** The least time from a restart to the first frame after it. */
  readonly restartMs: number
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
