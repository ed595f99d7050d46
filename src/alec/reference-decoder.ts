import { Context } from './context.js'
import { Encoding, encodingName } from './encoding.js'
import { type Fault, failed, faultOf, ok, type Result } from './fault.js'
import { parseFrame } from './parse.js'
import { type FrameShape, ParsedFrame } from './parsed-frame.js'
import { patternValue } from './patterns.js'

export interface ReferenceDecoderOptions {
  readonly shape: FrameShape
  /** Scale factor of the deltas; that of `context` where one is handed in. */
  readonly scale?: number
  readonly historySize?: number
  readonly sensorType?: string
  /** State to go on from; the decoder takes it over. */
  readonly context?: Context
}

export interface DecodedValue {
  /** Context key: source id, entry name, or channel + 1. */
  readonly key: number
  readonly value: number
}

/**
 * Decodes as the device library's own decoder does: it observes what it decoded and knows nothing of losses,
 * so it drifts, and no value comes with a bound. For comparison; a frame that fails leaves it as it was.
 */
export class ReferenceDecoder {
  readonly shape: FrameShape
  readonly context: Context
  /** The frame that `decode` was given last, taken apart. */
  readonly frame = new ParsedFrame()
  readonly #values = new Float64Array(256)

  constructor({ shape, scale, historySize, sensorType, context }: ReferenceDecoderOptions) {
    this.shape = shape
    this.context =
      context ??
      new Context({
        scale: scale ?? 100,
        historySize: historySize ?? 100,
        sensorType: sensorType ?? '',
      })
  }

  /** The frame's values in wire order; none for a message other than data. */
  decode(bytes: Uint8Array): Result<readonly DecodedValue[]> {
    const { frame } = this
    const fault = parseFrame(bytes, this.shape, frame)
    if (fault) return failed(fault)
    for (let entry = 0; entry < frame.count; entry++) {
      const fault = this.#decodeEntry(entry)
      if (fault) return failed(fault)
    }
    const decoded: DecodedValue[] = []
    for (let entry = 0; entry < frame.count; entry++) {
      const key = frame.keys[entry]!
      const value = this.#values[entry]!
      this.context.observe(key, value)
      decoded.push({ key, value })
    }
    return ok(decoded)
  }

  #decodeEntry(entry: number): Fault | undefined {
    const { frame, context } = this
    const key = frame.keys[entry]!
    const encoding = frame.encodings[entry]!
    const number = frame.numbers[entry]!
    switch (encoding) {
      case Encoding.raw64:
      case Encoding.raw32:
        this.#values[entry] = number
        return undefined
      case Encoding.repeated:
        if (context.source(key) === undefined) return this.#unfounded('no-last-value', entry)
        this.#values[entry] = context.last(key)
        return undefined
      case Encoding.interpolated:
        if (!context.hasPrediction(key)) return this.#unfounded('no-prediction', entry)
        this.#values[entry] = context.predict(key)
        return undefined
      case Encoding.pattern:
      case Encoding.patternDelta:
        return this.#decodePattern(entry)
      default:
        if (!context.hasPrediction(key)) return this.#unfounded('no-prediction', entry)
        this.#values[entry] = context.predict(key) + number / context.scale
        return undefined
    }
  }

  #decodePattern(entry: number): Fault | undefined {
    const { frame, context } = this
    const code = frame.numbers[entry]!
    const at = frame.offsets[entry]!
    const pattern = context.pattern(code)
    if (pattern === undefined) {
      const known = `the dictionary of ${context.patternCount}`
      return faultOf('unknown-pattern', at, `pattern ${code} is not in ${known}`)
    }
    const value = patternValue(pattern)
    if (value === undefined) {
      const { length } = pattern.bytes
      return faultOf(
        'invalid-pattern',
        at,
        `pattern ${code} has ${length} bytes; an f64 of 8 was expected`,
      )
    }
    const isDelta = frame.encodings[entry] === Encoding.patternDelta
    this.#values[entry] = isDelta ? value + frame.patternDeltas[entry]! / context.scale : value
    return undefined
  }

  #unfounded(code: 'no-prediction' | 'no-last-value', entry: number): Fault {
    const { frame } = this
    const key = frame.keys[entry]!
    const missing = code === 'no-prediction' ? 'prediction' : 'last value'
    return faultOf(
      code,
      this.#encodingOffset(entry),
      `${encodingName(frame.encodings[entry]!)} for key ${key}, which has no ${missing} yet`,
    )
  }

  /** Offset of the byte that holds an entry's encoding. */
  #encodingOffset(entry: number): number {
    const { frame } = this
    return frame.family === 'standard'
      ? frame.offsets[entry]! - 1
      : frame.payloadOffset + (entry >> 2)
  }
}
