import type { ReadingsVerdict } from '../../src/device/index.js'
import { deviceTopics, ReadingsWriter } from '../../src/outputs/index.js'
import { type Course, portion } from './course.js'
import { sineValues } from './signal.js'

const FRAMES = 300_000
const CHANNELS = ['temperature', 'humidity', 'pressure', 'battery']

/** A frame's readings as the JSON that is published. */
export const readingsToJson: Course = {
  name: 'readings to JSON',
  does: `frames of ${CHANNELS.length} good channels, one message each`,
  unit: 'frames',
  prepare(share) {
    const count = portion(FRAMES, share)
    const values = sineValues(count, 1)
    const writer = new ReadingsWriter(
      deviceTopics('alec', 'greenhouse-1', CHANNELS),
      { qos: 1, retain: false, perChannel: false, uncertain: 'mark' },
      'gw-1/greenhouse-1',
    )
    return () => {
      let length = 0
      for (let n = 0; n < count; n++) {
        for (const { payload } of writer.publications(verdictOf(n, values[n]!)))
          length += payload.length
      }
      if (length < 100 * count) throw new Error(`${length} characters for ${count} frames`)
      return count
    }
  },
}

const bytes = new Uint8Array(7)

function verdictOf(seq: number, value: number): ReadingsVerdict {
  const times = { mono: seq, wall: 1_767_225_600_000 + seq }
  return {
    kind: 'readings',
    device: 'greenhouse-1',
    frame: { device: 'greenhouse-1', bytes, ...times, integrity: 'crc32', source: 'line-1' },
    family: 'compact',
    epoch: 1,
    seq,
    quality: 'good',
    priority: 0,
    deviceTime: -1,
    channels: CHANNELS.map((name, i) => ({ name, value: value + i, bound: 0, quality: 'good' })),
    wantsKeyframe: false,
    events: [],
  }
}
