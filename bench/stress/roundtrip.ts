import { ExactDecoder, ParsedFrame, parseFrame, StandardEncoder } from '../../src/alec/index.js'
import { compileProfile } from '../../src/device/index.js'
import { type Course, portion } from './course.js'
import { oneSource } from './models.js'
import { sineValues } from './signal.js'

const MESSAGES = 500_000
const SOURCE = 1
const TOLERATED = 0.1

/** From a value in the device to the same value, with its bound, in the bridge. */
export const roundtrip: Course = {
  name: 'roundtrip',
  does: 'the same, then parsed and decoded with a bound, and held against what was sent',
  unit: 'messages',
  floor: 50_000,
  target: 3_000_000,
  prepare(share) {
    const values = sineValues(portion(MESSAGES, share), 2)
    const { decoder: model, shape } = compileProfile(oneSource)
    const encoder = new StandardEncoder()
    const decoder = new ExactDecoder(model)
    const parsed = new ParsedFrame()
    decoder.begin()
    return () => {
      for (let n = 0; n < values.length; n++) {
        const value = values[n]!
        const priority = encoder.classify(SOURCE, value)
        const frame = encoder.encode(value, { sourceId: SOURCE, timestampMs: n * 1000, priority })
        const fault = parseFrame(frame, shape, parsed)
        if (fault) throw new Error(`message ${n}: ${fault.message}`)
        decoder.decode(parsed, frame.length)
        const error = Math.abs(decoder.values[0]! - value)
        if (!(error <= TOLERATED && error <= decoder.bounds[0]!))
          throw new Error(`message ${n}: ${error} off, bound ${decoder.bounds[0]}`)
      }
      return values.length
    }
  },
}
