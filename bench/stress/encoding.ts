import { StandardEncoder } from '../../src/alec/index.js'
import { type Course, portion } from './course.js'
import { sineValues } from './signal.js'

const MESSAGES = 1_000_000
const SOURCE = 1
/** Ten bytes of header, one of source, one of encoding: less is no frame. */
const SHORTEST = 12

/** What a device does for each value: classify it, encode it, observe it. */
export const encoding: Course = {
  name: 'encoding',
  does: 'a sine around 20 of one source, classified and encoded as standard frames',
  unit: 'messages',
  floor: 100_000,
  target: 5_000_000,
  prepare(share) {
    const values = sineValues(portion(MESSAGES, share), 2)
    const encoder = new StandardEncoder()
    return () => {
      let bytes = 0
      for (let n = 0; n < values.length; n++) {
        const value = values[n]!
        const priority = encoder.classify(SOURCE, value)
        const frame = encoder.encode(value, { sourceId: SOURCE, timestampMs: n * 1000, priority })
        bytes += frame.length
      }
      if (bytes < SHORTEST * values.length)
        throw new Error(`${bytes} bytes are too few for ${values.length} frames`)
      return values.length
    }
  },
}
