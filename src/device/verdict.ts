import type { Fault } from '../alec/fault.js'
import type { Priority } from '../alec/parsed-frame.js'
import type { Frame } from '../framing/frame.js'
import type { DeviceEvent } from './event.js'

/** Good: the bound is within the channel's tolerance. Bad: the device sent no number (NaN, ±∞). */
export type Quality = 'good' | 'uncertain' | 'bad'

export interface ChannelReading {
  readonly name: string
  /** What was decoded; NaN or ±∞ where the quality is bad. */
  readonly value: number
  /** |value − what the sensor measured| is at most this; Infinity where nothing is known. */
  readonly bound: number
  readonly quality: Quality
}

/** Why a frame was not decoded although nothing is wrong with its bytes. */
export type SkipReason =
  | 'duplicate'
  | 'late'
  | 'circuit-open'
  | 'rate-limited'
  | 'no-data'
  | 'unknown-source'

/** What became of one frame. Every verdict carries the events it caused, in order. */
export type Verdict = ReadingsVerdict | FaultVerdict | SkippedVerdict

export interface ReadingsVerdict {
  readonly kind: 'readings'
  readonly device: string
  readonly frame: Frame
  readonly family: 'compact' | 'keyframe' | 'standard'
  /** Grows at a reboot or an unknown gap. */
  readonly epoch: number
  /** The frame's sequence, unwrapped; a safe integer. */
  readonly seq: number
  /** The worst of its channels. */
  readonly quality: Quality
  /** 0 where the family has none. */
  readonly priority: Priority | 0
  /** Unix seconds from the frame; -1 where it carries none. */
  readonly deviceTime: number
  /** Only the channels that the frame carried. */
  readonly channels: readonly ChannelReading[]
  /** The device should be asked for a keyframe: it recovers, and its next delta would not be good. */
  readonly wantsKeyframe: boolean
  readonly events: readonly DeviceEvent[]
}

export interface FaultVerdict {
  readonly kind: 'fault'
  readonly device: string
  readonly frame: Frame
  readonly fault: Fault | InternalFault | ImplausibleFault
  readonly events: readonly DeviceEvent[]
}

/** Not the frame's fault: an exception escaped while it was handled. */
export interface InternalFault {
  readonly code: 'internal-error'
  readonly offset: number
  readonly message: string
}

/** Nothing vouches for the frame's bytes, and what they say cannot be. */
export interface ImplausibleFault {
  readonly code: 'implausible'
  readonly offset: number
  readonly message: string
}

export interface SkippedVerdict {
  readonly kind: 'skipped'
  readonly device: string
  readonly frame: Frame
  readonly why: SkipReason
  readonly events: readonly DeviceEvent[]
}
