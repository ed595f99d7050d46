import type { Resolution } from './decimal.js'
import { NumberRow, type NumberSink, type NumberSource } from './number-row.js'

/** What is declared about one channel's sensor. The proof of every bound rests on this being true. */
export interface ChannelDeclaration {
  /** Every value is an exact multiple of it. */
  readonly resolution?: Resolution
  /** What the sensor can read at all; −∞ and ∞ where nothing is known. */
  readonly min: number
  readonly max: number
  /** The most that the value changes between two frames; ∞ where nothing is known. */
  readonly maxStep: number
}

/** How the device's encoder works, as far as the estimate must know. */
export interface EncoderTraits {
  /** Scale factor of its deltas, 100 by default. */
  readonly scale: number
  /** Its channels are registered with the last value 0 before they observe anything (compact frames). */
  readonly startsAtZero: boolean
}

/** What an encoder itself knows of a channel: its state, to the bit. */
export interface EncoderState {
  readonly count: number
  readonly last: number
  readonly ema: number
}

export interface Interval {
  readonly lo: number
  readonly hi: number
}

/** A number in the device: it lies in [lo, hi], and a plain decoder would take it for `point`. */
export interface NumberView extends Interval {
  readonly point: number
}

/** What a device predicts by; `either` where nobody knows how often it has observed. */
export type PredictedBy = 'average' | 'last' | 'either'

export interface PredictionView extends NumberView {
  readonly by: PredictedBy
  /** The device may have NaN in its place, and then a delta of 0 says nothing. */
  readonly mayBeNaN: boolean
}

/** An estimate as it stands, for who looks on; a copy. */
export interface EstimateView {
  /** What the device predicts next; undefined where it has no number to predict. */
  readonly prediction: PredictionView | undefined
  /** The device's last value and its average; they mean nothing before its first observation. */
  readonly last: NumberView
  readonly average: NumberView
  /** What the sensor measured last, as far as wire and declarations tell. */
  readonly sensor: Interval
  /** Counted up to 3: from there on it makes no difference. */
  readonly observations: { readonly atLeast: number; readonly exactly: boolean }
  /** How many states are possible; undefined where only the intervals say which. */
  readonly candidates: number | undefined
  /** The declarations that no frame has contradicted; −∞ and ∞ where there is no limit. */
  readonly inForce: {
    readonly resolution: boolean
    readonly min: number
    readonly max: number
    readonly maxStep: number
  }
}

/** The declaration that a frame has proved false. */
export type Contradiction = 'resolution' | 'range' | 'max-step'

/**
 * What a receiver knows of one channel of a device's encoder, from observation to observation.
 *
 * Each `observe…` takes one value off the wire and leaves the result in `value` and `bound`:
 * |value − what the sensor measured| ≤ bound. A contradicted declaration is dropped for good, added to
 * `contradictions`, and leaves the channel unknown.
 */
export interface ChannelEstimate {
  /** What was decoded last. */
  readonly value: number
  /** Its proven error bound; Infinity where nothing is known. */
  readonly bound: number
  /** The device itself sent NaN or ±∞ last. */
  readonly nonFinite: boolean
  /** How far apart the predictions lie that the device may make now: what a delta's bound comes from. */
  readonly spread: number
  /** The declarations found false so far, in the order of their discovery. */
  readonly contradictions: readonly Contradiction[]
  /** The device's average and last value are known to the bit. */
  readonly exact: boolean
  /** The device has sent NaN or ±∞, and its deltas say nothing until proven otherwise. */
  readonly poisoned: boolean

  /** Raw64 (halfWidth 0) or Raw32 (half a unit in the last place of the f32). Not for NaN and ±∞. */
  observeRaw(value: number, halfWidth: number): void
  /** NaN or ±∞ came in as a raw value. */
  observeNonFinite(value: number): void
  observeRepeated(): void
  observeDelta(delta: number): void
  observeInterpolated(): void
  /** The device observed a value that this frame does not tell (an unknown pattern). */
  observeUntold(): void
  /** The device observed between `atLeast` (by default all) and `observations` values that never arrived. */
  lose(observations: number, atLeast?: number): void
  /** The device observed a value within `reach` · |prediction| of its prediction and left it out. */
  leaveOut(reach: number): void
  /** A compact keyframe begins; a closed-loop device restarts its count here. */
  beginKeyframe(): void
  /** The encoder is fresh: it has observed nothing yet. */
  begin(): void
  /** The encoder's own state is known; false, and the estimate spoilt, where it contradicts a declaration. */
  adopt(state: EncoderState): boolean
  /** All that it knows, for people to read. */
  describe(): EstimateView
  /** Lays down all that it knows, for a later `unpack` by an estimate of the same declaration, whatever that knows. */
  pack(row: NumberRow): void
  /** As `pack`, in a few numbers, where all is known to the bit; else none, and false. */
  packExact(row: NumberSink): boolean
  /** Takes up what `packExact` has laid down. */
  unpackExact(row: NumberSource): void
  /** Takes up so many numbers that `pack` or `packExact` has laid down; false, and nothing changed, where these are not such numbers. */
  unpack(row: NumberRow, length: number): boolean
  /** Nothing is known of the encoder's state but that it observed at least `observations` values. */
  forget(observations: number): void
}

const saved = new NumberRow()

/** All that an estimate knows as numbers, as few as there can be. */
export function savedEstimate(estimate: ChannelEstimate): number[] {
  saved.clear()
  if (!estimate.packExact(saved)) estimate.pack(saved)
  return saved.toArray()
}

/** Takes back what `savedEstimate` gave; false, and nothing changed, where these are not such numbers. */
export const restoreEstimate = (estimate: ChannelEstimate, saved: readonly number[]): boolean =>
  estimate.unpack(NumberRow.of(saved), saved.length)
