import { ExactDecoder, ParsedFrame, parseFrame, ReferenceDecoder } from '../../src/alec/index.js'
import { compileProfile } from '../../src/device/index.js'
import { type Comparison, type Course, portion, type Work } from './course.js'
import { compactFrames } from './frames.js'
import { compactModel } from './models.js'

const CHANNELS = 4
const FRAMES = 200_000

/** Every value with its proven bound. */
export const decoding: Course = {
  name: 'compact decode with bounds',
  does: `compact frames of ${CHANNELS} channels without a loss`,
  unit: 'channel values',
  target: 2_000_000,
  prepare: (share) => boundedDecode(compactFrames(CHANNELS, portion(FRAMES, share))),
}

/** What the bounds cost. */
export const boundsCost: Comparison = {
  name: 'bounds, against values alone',
  does: 'the same frames by a decoder that computes values and no bounds',
  most: 1.6,
  prepare(share) {
    const frames = compactFrames(CHANNELS, portion(FRAMES, share))
    return { work: boundedDecode(frames), baseline: plainDecode(frames) }
  },
}

function boundedDecode(frames: readonly Uint8Array[]): Work {
  const { decoder: model, shape } = compileProfile(compactModel(CHANNELS))
  const decoder = new ExactDecoder(model)
  const parsed = new ParsedFrame()
  decoder.begin()
  return () => {
    for (const frame of frames) {
      const fault = parseFrame(frame, shape, parsed)
      if (fault) throw new Error(fault.message)
      decoder.decode(parsed, frame.length)
    }
    if (!decoder.exact) throw new Error('a stream without a loss is not exact')
    return frames.length * CHANNELS
  }
}

function plainDecode(frames: readonly Uint8Array[]): Work {
  const decoder = new ReferenceDecoder({ shape: { family: 'compact', channels: CHANNELS } })
  return () => {
    for (const frame of frames) decoder.decode(frame)
    return frames.length * CHANNELS
  }
}
