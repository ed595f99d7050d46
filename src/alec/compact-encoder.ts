import { Choice, chooseCompact, sameValue } from './choice.js'
import {
  compactValuesOffset,
  maxCompactLength,
  putCompactHeader,
  putCompactValue,
} from './compact-frame.js'
import { Context } from './context.js'
import { Encoding } from './encoding.js'

/** `alec-1.3` is the library's open loop; `closed-loop` observes what the receiver will reconstruct. */
export type EncoderProfile = 'alec-1.3' | 'closed-loop'

export interface CompactEncoderOptions {
  /** 1 to 64. */
  readonly channels: number
  /** A keyframe every so many frames; 0 for none but those asked for. */
  readonly keyframeInterval?: number
  readonly scale?: number
  readonly historySize?: number
  /** Whether it sends a keyframe when one is asked for. */
  readonly smartResync?: boolean
  readonly profile?: EncoderProfile
}

export const maxChannels = 64
/** The downlink command "send a keyframe next". */
export const keyframeRequest = 0xff

// Encoding is one plain call, so all encoders write here and hand out copies.
const scratch = new Uint8Array(maxCompactLength(maxChannels))
const choice = new Choice()

/** Encodes compact frames byte for byte as a device does. Every frame belongs to the caller. */
export class CompactEncoder {
  readonly context: Context
  readonly channels: number
  readonly #keyframeInterval: number
  readonly #smartResync: boolean
  readonly #closedLoop: boolean
  /** How close to the last value counts as repeated. */
  readonly #same: number
  #sequence = 0
  #sinceKeyframe = 0
  #keyframeAsked = false

  constructor({
    channels,
    keyframeInterval = 50,
    scale = 100,
    historySize = 20,
    smartResync = true,
    profile = 'alec-1.3',
  }: CompactEncoderOptions) {
    if (!Number.isInteger(channels) || channels < 1 || channels > maxChannels) {
      throw new RangeError(`${channels} channels; 1 to ${maxChannels} was expected`)
    }
    this.channels = channels
    this.context = new Context({ historySize, scale })
    this.#keyframeInterval = keyframeInterval
    this.#smartResync = smartResync
    this.#closedLoop = profile === 'closed-loop'
    this.#same = this.#closedLoop ? 0.5 / scale : sameValue
    // The library makes its channels known with last value 0, so a first value of 0 goes out as Repeated.
    if (!this.#closedLoop) for (let key = 1; key <= channels; key++) this.context.register(key)
  }

  /** Sequence of the next frame, u16. */
  get sequence(): number {
    return this.#sequence
  }

  /** One value per channel, all of which the context observes. */
  encode(values: ArrayLike<number>): Uint8Array {
    if (values.length !== this.channels) {
      throw new RangeError(`${values.length} values for ${this.channels} channels`)
    }
    const keyframe = this.#takeKeyframe()
    putCompactHeader(scratch, keyframe, this.#sequence, this.context.version, this.channels)
    let at = compactValuesOffset(this.channels)
    for (let channel = 0; channel < this.channels; channel++) {
      at = this.#encodeChannel(at, channel, values[channel]!, keyframe)
    }
    this.#sequence = (this.#sequence + 1) & 0xffff
    return scratch.slice(0, at)
  }

  /** Takes a downlink command; false where it is none that the device knows. */
  handleDownlink(bytes: Uint8Array): boolean {
    if (bytes[0] !== keyframeRequest) return false
    this.#keyframeAsked = true
    return true
  }

  #takeKeyframe(): boolean {
    const due =
      (this.#keyframeInterval > 0 && this.#sinceKeyframe >= this.#keyframeInterval) ||
      (this.#keyframeAsked && this.#smartResync)
    if (due) {
      this.#sinceKeyframe = 0
      this.#keyframeAsked = false
    }
    this.#sinceKeyframe++
    return due
  }

  #encodeChannel(at: number, channel: number, value: number, keyframe: boolean): number {
    const key = channel + 1
    if (keyframe) {
      if (this.#closedLoop) this.context.forget(key)
      choice.encoding = Encoding.raw32
      choice.number = value
    } else {
      chooseCompact(value, this.context.source(key), this.context.scale, this.#same, choice)
    }
    const observed = this.#closedLoop ? this.#reconstructed(key) : value
    // A closed-loop device keeps NaN and ±∞, also those that only the f32 makes, out of its prediction.
    if (this.#closedLoop && !Number.isFinite(observed)) this.context.passOver()
    else this.context.observe(key, observed)
    return putCompactValue(scratch, at, channel, choice.encoding, choice.number)
  }

  /** What the receiver makes of the choice, in exactly its order of operations. */
  #reconstructed(key: number): number {
    if (choice.encoding === Encoding.raw32) return Math.fround(choice.number)
    if (choice.encoding === Encoding.repeated) return this.context.last(key)
    return this.context.predict(key) + choice.number / this.context.scale
  }
}
