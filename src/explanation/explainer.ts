import {
  dissectFrame,
  Encoding,
  type EncodingName,
  type EstimateView,
  encodingName,
  type Fault,
  type FrameField,
  halfUnitOf,
  type Interval,
  type ParsedFrame,
} from '../alec/index.js'
import {
  type ChannelReading,
  type Continuity,
  type DeviceEvent,
  type DeviceProfile,
  DeviceStream,
  type Quality,
  type SkipReason,
  type StreamMemory,
  type StreamOutcome,
  type SyncState,
} from '../device/index.js'
import { hexOf } from '../spelling.js'

/** A field of a frame with its bytes, and the channel that it belongs to. */
export interface ExplainedField extends FrameField {
  /** Hexadecimal. */
  readonly bytes: string
  readonly channel?: string
}

/** What a frame says of one channel, and how its value follows. */
export interface ExplainedChannel {
  readonly name: string
  /** Null where an adaptive frame left the channel out. */
  readonly encoding: EncodingName | null
  readonly delta: number | null
  /** What the device predicted for this frame; null where it had no number to predict. */
  readonly prediction: EstimateView['prediction'] | null
  /** Where the value lies by the frame and the prediction alone; null where they tell nothing. */
  readonly told: Interval | null
  /** Where it lies when the declarations, and what else is known, have had their say. */
  readonly sensor: Interval
  /** States of the encoder that are possible now; null where nobody counts them. */
  readonly candidates: number | null
  readonly value: number | null
  /** Null where nothing is known. */
  readonly bound: number | null
  readonly quality: Quality | null
  /** Why the quality is what it is. */
  readonly why: string
  /** The encoder's state afterwards. */
  readonly last: Interval
  readonly average: Interval
  readonly observations: EstimateView['observations']
  readonly inForce: EstimateView['inForce']
}

/** One frame taken apart, and what the decoder makes of it. */
export interface Explanation {
  /** From 1. */
  readonly frame: number
  readonly hex: string
  readonly length: number
  readonly fields: readonly ExplainedField[]
  readonly outcome:
    | { readonly verdict: 'fault'; readonly fault: Fault }
    | { readonly verdict: 'skipped'; readonly why: SkipReason }
    | ExplainedReadings
}

export interface ExplainedReadings {
  readonly verdict: 'readings'
  readonly kind: 'compact' | 'keyframe' | 'standard'
  readonly epoch: number
  readonly seq: number
  readonly continuity: Continuity
  /** It goes on from a state that was imported. */
  readonly imported: boolean
  readonly quality: Quality
  readonly sync: SyncState
  /** Why the device recovers; empty where it does not. */
  readonly recovery: string
  readonly wantsKeyframe: boolean
  readonly events: readonly DeviceEvent[]
  readonly channels: readonly ExplainedChannel[]
}

/** Explains one device's frames in their order, each an interval after the one before. */
export class Explainer {
  readonly #profile: DeviceProfile
  readonly #stream: DeviceStream
  readonly #intervalMs: number
  #frames = 0

  /** `memory` is what the device's stream goes on from; without it the device is new. */
  constructor(profile: DeviceProfile, intervalMs: number, memory?: StreamMemory) {
    this.#profile = profile
    this.#intervalMs = intervalMs
    this.#stream = new DeviceStream(profile)
    if (memory && !this.#stream.restore({ ...memory, lastMono: 0 }))
      throw new RangeError('the state is of another model')
  }

  explain(bytes: Uint8Array): Explanation {
    const frame = ++this.#frames
    const { fields, frame: parsed, fault } = dissectFrame(bytes, this.#profile.shape)
    return {
      frame,
      hex: hexOf(bytes),
      length: bytes.length,
      fields: fields.map((field) => this.#explainField(field, bytes, parsed)),
      outcome: fault ? { verdict: 'fault', fault } : this.#decode(bytes, parsed, frame),
    }
  }

  #explainField(field: FrameField, bytes: Uint8Array, parsed: ParsedFrame): ExplainedField {
    const { offset, length, entry } = field
    const hex = hexOf(bytes.subarray(offset, offset + length))
    if (entry === undefined) return { ...field, bytes: hex }
    const key = parsed.keys[entry] ?? 0
    const channel = this.#profile.names[this.#channelOf(key)] ?? `key ${key}`
    return { ...field, bytes: hex, channel }
  }

  #decode(bytes: Uint8Array, parsed: ParsedFrame, n: number): Explanation['outcome'] {
    const at = n * this.#intervalMs
    const events: DeviceEvent[] = []
    const stream = this.#stream
    const imported = stream.position?.sequence === null
    let continuity: Continuity | undefined
    let before: readonly EstimateView[] = []
    const outcome: StreamOutcome = stream.accept(
      { device: '', bytes, mono: at, wall: at, integrity: 'none', source: '' },
      events,
      (judged) => {
        continuity = judged
        before = this.#views()
      },
    )
    if (outcome.kind === 'fault') return { verdict: 'fault', fault: outcome.fault }
    if (outcome.kind === 'skipped' || !continuity)
      return { verdict: 'skipped', why: outcome.kind === 'skipped' ? outcome.why : 'no-data' }
    return {
      verdict: 'readings',
      kind: outcome.family,
      epoch: stream.epoch,
      seq: outcome.seq,
      continuity,
      imported,
      quality: outcome.quality,
      sync: stream.sync.state,
      recovery: stream.sync.message,
      wantsKeyframe: outcome.wantsKeyframe,
      events,
      channels: this.#explainChannels(parsed, before, outcome.channels, events),
    }
  }

  #views(): EstimateView[] {
    return this.#stream.decoder.estimates.map((estimate) => estimate.describe())
  }

  #channelOf(key: number): number {
    return this.#profile.decoder.channels.findIndex((channel) => channel.key === key)
  }

  /** The channels that came in wire order, then those that an adaptive frame left out. */
  #explainChannels(
    parsed: ParsedFrame,
    before: readonly EstimateView[],
    readings: readonly ChannelReading[],
    events: readonly DeviceEvent[],
  ): ExplainedChannel[] {
    const after = this.#views()
    const came = Array.from({ length: parsed.count }, (_, entry) => ({
      entry,
      channel: this.#channelOf(parsed.keys[entry] ?? 0),
    })).filter(({ channel }) => channel >= 0)
    const explained = came.map(({ entry, channel }, i) => {
      const [then, now, reading] = [before[channel]!, after[channel]!, readings[i]!]
      return {
        ...stateOf(then, now),
        ...this.#explainReading(channel, reading, events),
        encoding: encodingName(parsed.encodings[entry] ?? 0) ?? null,
        delta: isDelta(parsed.encodings[entry]) ? (parsed.numbers[entry] ?? 0) : null,
        told: this.#told(then, parsed, entry) ?? null,
      }
    })
    if (!parsed.multi || this.#profile.spec.multi === 'plain') return explained
    const left = [...this.#profile.names.keys()].filter(
      (channel) => !came.some((one) => one.channel === channel),
    )
    const leftOut = left.map((channel) => ({
      ...stateOf(before[channel]!, after[channel]!),
      ...LEFT_OUT,
      name: this.#profile.names[channel]!,
    }))
    return [...explained, ...leftOut]
  }

  #explainReading(
    channel: number,
    reading: ChannelReading,
    events: readonly DeviceEvent[],
  ): Pick<ExplainedChannel, 'name' | 'value' | 'bound' | 'quality' | 'why'> {
    const { name, value, bound, quality } = reading
    let why = this.#why(channel, reading)
    for (const event of events)
      if (event.type === 'wrong_declaration' && event.channel === name) why = event.message
    return { name, value, bound: bound === Number.POSITIVE_INFINITY ? null : bound, quality, why }
  }

  /** What a frame says of a value to one who knows the prediction, and no declaration. */
  #told(before: EstimateView, parsed: ParsedFrame, entry: number): Interval | undefined {
    const { scale, profile } = this.#profile.spec
    const number = parsed.numbers[entry] ?? 0
    const { prediction, last, observations } = before
    // A closed-loop device goes on from what its receiver has, and that is a rounded value.
    const half = profile === 'closed-loop' ? 0.5 / scale : 0
    switch (parsed.encodings[entry]) {
      case Encoding.raw64:
        return around({ lo: number, hi: number }, 0)
      case Encoding.raw32:
        return around({ lo: number, hi: number }, halfUnitOf(number))
      case Encoding.repeated:
        return around(observations.atLeast > 0 || !observations.exactly ? last : ZERO, half)
      case Encoding.interpolated:
        return prediction
      case Encoding.delta8:
      case Encoding.delta16:
      case Encoding.delta32: {
        if (!prediction || (prediction.mayBeNaN && number === 0)) return undefined
        const { lo, hi } = prediction
        return around({ lo: lo + number / scale, hi: hi + number / scale }, 0.5 / scale)
      }
      default:
        return undefined
    }
  }

  #why(channel: number, { value, bound, quality }: ChannelReading): string {
    const tolerance = this.#profile.tolerances[channel] ?? 0
    if (quality === 'bad') return `the device itself sent ${value}`
    if (quality === 'good')
      return bound === 0 ? 'exact' : `the bound is within the tolerance ${tolerance}`
    const { poisoned } = this.#stream.decoder.estimates[channel] ?? {}
    if (poisoned) return 'the device has sent NaN or ±∞ and its deltas say nothing since'
    const { message } = this.#stream.sync
    const outside = `the bound is beyond the tolerance ${tolerance}`
    if (message) return `${outside}: ${message}`
    return `${outside}: rounded deltas add up where no resolution is declared that they can tell`
  }
}

const ZERO: Interval = { lo: 0, hi: 0 }

const around = ({ lo, hi }: Interval, half: number): Interval | undefined =>
  Number.isFinite(lo) || Number.isFinite(hi) ? { lo: lo - half, hi: hi + half } : undefined

const isDelta = (encoding: number | undefined): boolean =>
  encoding === Encoding.delta8 || encoding === Encoding.delta16 || encoding === Encoding.delta32

const stateOf = (before: EstimateView, after: EstimateView) => ({
  prediction: before.prediction ?? null,
  sensor: after.sensor,
  candidates: after.candidates ?? null,
  last: after.last,
  average: after.average,
  observations: after.observations,
  inForce: after.inForce,
})

const LEFT_OUT = {
  encoding: null,
  delta: null,
  told: null,
  value: null,
  bound: null,
  quality: null,
  why: 'observed by the device and not sent: too near its prediction to be worth it',
} as const
