import type { Fault, ParsedFrame } from '../alec/index.js'
import type { ChannelReading, Quality, SkipReason } from './verdict.js'

/** What a stream made of a frame. */
export type StreamOutcome =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'skipped'; readonly why: SkipReason }
  | DecodedFrame

export interface DecodedFrame {
  readonly kind: 'decoded'
  readonly family: 'compact' | 'keyframe' | 'standard'
  readonly seq: number
  readonly priority: ParsedFrame['priority']
  readonly deviceTime: number
  readonly quality: Quality
  readonly channels: readonly ChannelReading[]
  /** A keyframe would help: the device recovers, and its next delta would not be good. */
  readonly wantsKeyframe: boolean
  /** Same sequence as an earlier frame, other bytes. */
  readonly conflict: boolean
}

export const familyOf = ({ family, keyframe }: ParsedFrame): DecodedFrame['family'] =>
  family === 'standard' ? 'standard' : keyframe ? 'keyframe' : 'compact'

export function worstQuality(readings: readonly ChannelReading[]): Quality {
  let worst: Quality = 'good'
  for (const { quality } of readings) {
    if (quality === 'bad') return 'bad'
    if (quality === 'uncertain') worst = 'uncertain'
  }
  return worst
}
