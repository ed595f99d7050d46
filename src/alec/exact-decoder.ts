import { ClosedLoopEstimate } from './closed-loop-estimate.js'
import { Encoding } from './encoding.js'
import type { ChannelDeclaration, ChannelEstimate, EncoderTraits } from './estimate.js'
import { halfUnitOf } from './half-unit.js'
import { IntervalEstimate } from './interval-estimate.js'
import type { FrameShape, ParsedFrame } from './parsed-frame.js'
import { SetEstimate } from './set-estimate.js'
import { roundingSlack } from './slack.js'

/** One channel as the decoder needs it. */
export interface DecoderChannel {
  /** The context key: position + 1 in compact frames, source id or name id in standard ones. */
  readonly key: number
  readonly declared: ChannelDeclaration
}

export interface DecoderModel {
  readonly shape: FrameShape
  readonly scale: number
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly multi: 'adaptive' | 'plain'
  readonly channels: readonly DecoderChannel[]
}

// Adaptive multi frames grow to at most 127 bytes; a left-out entry would have taken at most 10.
const ADAPTIVE_MAX = 127
const ENTRY_MAX = 10
const P5_REACH = 0.01
const P4_REACH = 0.15

// One set of columns serves all decoders: a frame is decoded and read in one go.
const CHANNELS = new Uint16Array(256)
const VALUES = new Float64Array(256)
const BOUNDS = new Float64Array(256)
const NON_FINITE = new Uint8Array(256)

function estimateOf(
  declared: ChannelDeclaration,
  encoder: EncoderTraits,
  profile: DecoderModel['profile'],
): ChannelEstimate {
  if (profile === 'closed-loop') return new ClosedLoopEstimate(declared, encoder)
  const { resolution } = declared
  return resolution
    ? new SetEstimate({ ...declared, resolution }, encoder)
    : new IntervalEstimate(declared, encoder)
}

/**
 * Decodes parsed frames of one device against an estimate per channel. It is told what happened between the
 * frames (`begin`, `lose`, `forget`) and leaves each frame's readings in its columns, in wire order.
 */
export class ExactDecoder {
  readonly estimates: readonly ChannelEstimate[]
  /** Readings of the last frame, until any decoder has the next: how many, of which channel, with what bound. */
  count = 0
  readonly channels = CHANNELS
  readonly values = VALUES
  readonly bounds = BOUNDS
  /** 1 where the device itself sent NaN or ±∞. */
  readonly nonFinite = NON_FINITE
  /** The number behind a pattern code of the device's dictionary; undefined where nobody knows. */
  patternValue: (code: number) => number | undefined = () => undefined
  /** Entries of the last frame that belong to no channel of the model. */
  foreignEntries = 0
  readonly #model: DecoderModel
  readonly #indexByKey = new Map<number, number>()
  readonly #seen: Uint8Array

  constructor(model: DecoderModel) {
    this.#model = model
    const encoder: EncoderTraits = {
      scale: model.scale,
      startsAtZero: model.shape.family === 'compact',
    }
    this.estimates = model.channels.map((channel, index) => {
      this.#indexByKey.set(channel.key, index)
      return estimateOf(channel.declared, encoder, model.profile)
    })
    this.#seen = new Uint8Array(model.channels.length)
  }

  /** Every channel's state is known to the bit. */
  get exact(): boolean {
    for (const estimate of this.estimates) if (!estimate.exact) return false
    return true
  }

  /** The encoder is fresh. */
  begin(): void {
    for (const estimate of this.estimates) estimate.begin()
  }

  /** Nothing is known but that each channel was observed at least `observations` times. */
  forget(observations: number): void {
    for (const estimate of this.estimates) estimate.forget(observations)
  }

  /** Between `atLeast` and `observations` values of every channel were observed and never arrived. */
  lose(observations: number, atLeast = observations): void {
    for (const estimate of this.estimates) estimate.lose(observations, atLeast)
  }

  /** Every channel was observed `times` times and found not worth a frame (P5). */
  suppress(times: number): void {
    for (const estimate of this.estimates) {
      for (let i = 0; i < times; i++) estimate.leaveOut(P5_REACH)
    }
  }

  /** Observes one frame; `length` is its size in bytes. */
  decode(frame: ParsedFrame, length: number): void {
    this.count = 0
    this.foreignEntries = 0
    if (frame.keyframe) for (const estimate of this.estimates) estimate.beginKeyframe()
    if (frame.multi) this.#seen.fill(0)
    for (let i = 0; i < frame.count; i++) {
      const key = frame.keys[i] ?? 0
      // measured: compact frames need no look-up, their keys are the positions; a tenth of the time.
      const index = frame.family === 'compact' ? key - 1 : this.#indexByKey.get(key)
      const estimate = index === undefined ? undefined : this.estimates[index]
      if (index === undefined || estimate === undefined) {
        this.foreignEntries++
        continue
      }
      this.#seen[index] = 1
      this.#observe(estimate, frame, i)
      this.channels[this.count] = index
      this.values[this.count] = estimate.value
      this.bounds[this.count] = estimate.bound
      this.nonFinite[this.count] = estimate.nonFinite ? 1 : 0
      this.count++
    }
    if (frame.multi && this.#model.multi === 'adaptive') this.#leaveOutTheRest(length)
  }

  #observe(estimate: ChannelEstimate, frame: ParsedFrame, entry: number): void {
    const number = frame.numbers[entry] ?? 0
    const plain = this.#model.multi === 'plain'
    switch (frame.encodings[entry]) {
      case Encoding.raw64:
        if (Number.isFinite(number)) estimate.observeRaw(number, 0)
        else estimate.observeNonFinite(number)
        return
      case Encoding.raw32:
        if (Number.isFinite(number)) estimate.observeRaw(number, halfUnitOf(number))
        else estimate.observeNonFinite(number)
        return
      case Encoding.repeated:
        if (plain) estimate.observeUntold()
        else estimate.observeRepeated()
        return
      case Encoding.interpolated:
        estimate.observeInterpolated()
        return
      case Encoding.delta8:
      case Encoding.delta16:
      case Encoding.delta32:
        if (plain) estimate.observeUntold()
        else estimate.observeDelta(number)
        return
      default:
        this.#observePattern(estimate, frame, entry)
    }
  }

  /** A pattern stands for a whole value; with a delta, for one within half of the delta's unit. */
  #observePattern(estimate: ChannelEstimate, frame: ParsedFrame, entry: number): void {
    const value = this.patternValue(frame.numbers[entry] ?? 0)
    if (value === undefined) {
      estimate.observeUntold()
      return
    }
    if (frame.encodings[entry] === Encoding.pattern) {
      if (Number.isFinite(value)) estimate.observeRaw(value, 0)
      else estimate.observeNonFinite(value)
      return
    }
    const { scale } = this.#model
    const step = (frame.patternDeltas[entry] ?? 0) / scale
    if (Number.isFinite(value)) {
      const halfUnit = 0.5 / scale
      estimate.observeRaw(value + step, halfUnit + roundingSlack(value, Math.abs(step) + halfUnit))
    } else estimate.observeUntold()
  }

  /** The device observed every channel, also those that it did not find worth sending. */
  #leaveOutTheRest(length: number): void {
    const reach = length + ENTRY_MAX <= ADAPTIVE_MAX ? P5_REACH : P4_REACH
    for (let index = 0; index < this.estimates.length; index++) {
      if (this.#seen[index] === 0) this.estimates[index]?.leaveOut(reach)
    }
  }
}
