/**
 * A compact-frame device written straight from the wire facts, as simply as possible: the independent
 * opponent of the decoder in the soundness tests. Shares no code with `src`.
 */
export interface NaiveOptions {
  readonly channels: number
  readonly keyframeInterval: number
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly scale?: number
}

interface Channel {
  count: number
  last: number
  ema: number
}

export class NaiveDevice {
  sequence = 0
  #observations = 0
  #sinceKeyframe = 0
  #asked = false
  readonly #options: NaiveOptions
  readonly #channels: Channel[]

  constructor(options: NaiveOptions) {
    this.#options = options
    this.#channels = Array.from({ length: options.channels }, () => ({ count: 0, last: 0, ema: 0 }))
  }

  askForKeyframe(): void {
    this.#asked = true
  }

  encode(values: readonly number[]): Uint8Array {
    const every = this.#options.keyframeInterval
    const keyframe = this.#asked || (every > 0 && this.#sinceKeyframe >= every)
    this.#asked = false
    this.#sinceKeyframe = keyframe ? 1 : this.#sinceKeyframe + 1
    const version = this.#observations + Math.floor(this.#observations / 100)
    const out = [
      keyframe ? 0xa2 : 0xa1,
      (this.sequence >> 8) & 255,
      this.sequence & 255,
      (version >> 8) & 255,
      version & 255,
    ]
    const codes: number[] = []
    const bytes: number[] = []
    this.#channels.forEach((channel, i) => {
      if (keyframe && this.#options.profile === 'closed-loop') channel.count = 0
      codes.push(this.#encodeOne(channel, values[i]!, keyframe, bytes))
      this.#observations++
    })
    for (let at = 0; at < codes.length; at += 4) {
      out.push(codes.slice(at, at + 4).reduce((byte, code, k) => byte | (code << (2 * k)), 0))
    }
    this.sequence = (this.sequence + 1) & 0xffff
    return Uint8Array.from([...out, ...bytes])
  }

  /** Appends the value's bytes; returns its two-bit code. */
  #encodeOne(channel: Channel, value: number, keyframe: boolean, bytes: number[]): number {
    const scale = this.#options.scale ?? 100
    const closed = this.#options.profile === 'closed-loop'
    const f32 = new DataView(new ArrayBuffer(4))
    f32.setFloat32(0, value)
    const raw = () => {
      for (let i = 0; i < 4; i++) bytes.push(f32.getUint8(i))
      if (!closed) observe(channel, value)
      else if (Number.isFinite(value)) observe(channel, f32.getFloat32(0))
      return 3
    }
    if (keyframe || !Number.isFinite(value)) return raw()
    const near = Math.abs(value - channel.last) < (closed ? 0.5 / scale : 2 ** -52)
    if (near) {
      observe(channel, closed ? channel.last : value)
      return 0
    }
    if (channel.count > 0) {
      const prediction = channel.count < 3 ? channel.last : channel.ema
      const exact = (value - prediction) * scale
      const size = Math.abs(exact)
      const whole = Math.trunc(size)
      const rounded = (size - whole >= 0.5 ? whole + 1 : whole) * Math.sign(exact)
      const delta = Number.isNaN(rounded) ? 0 : rounded
      if (delta >= -32768 && delta <= 32767) {
        observe(channel, closed ? prediction + delta / scale : value)
        if (delta >= -128 && delta <= 127) {
          bytes.push(delta & 255)
          return 1
        }
        bytes.push((delta >> 8) & 255, delta & 255)
        return 2
      }
    }
    return raw()
  }
}

function observe(channel: Channel, value: number): void {
  channel.count++
  channel.last = value
  channel.ema = channel.count === 1 ? value : 0.3 * value + (1 - 0.3) * channel.ema
}
