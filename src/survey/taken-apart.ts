import { type FrameShape, ParsedFrame, parseFrame } from '../alec/index.js'
import type { Sighting } from './sighting.js'

/** A data frame, taken apart: what a survey reasons on. */
export interface TakenApart {
  readonly sighting: Sighting
  readonly sequence: number
  readonly version: number
  readonly keyframe: boolean
  readonly multi: boolean
  /** The encoder had observed nothing before. */
  readonly fresh: boolean
  /** By entry, in the order on the wire. */
  readonly keys: readonly number[]
  readonly encodings: readonly number[]
  readonly numbers: readonly number[]
  /** Follows right on the frame before it in this list. */
  readonly follows: boolean
}

const parsed = new ParsedFrame()

/** The data frames among these, in their order, each number once in a row. */
export function takeApart(sightings: readonly Sighting[], shape: FrameShape): TakenApart[] {
  const frames: TakenApart[] = []
  for (const sighting of sightings) {
    if (parseFrame(sighting.bytes, shape, parsed) || parsed.messageType !== 'data') continue
    const { sequence, version, keyframe, multi, count } = parsed
    const last = frames.at(-1)
    if (last?.sequence === sequence && last.version === version) continue
    const fresh = sequence === 0 && version === 0
    frames.push({
      sighting,
      sequence,
      version,
      keyframe,
      multi,
      fresh,
      keys: [...parsed.keys.subarray(0, count)],
      encodings: [...parsed.encodings.subarray(0, count)],
      numbers: [...parsed.numbers.subarray(0, count)],
      follows: last !== undefined && !fresh && sequence === ((last.sequence + 1) & 0xffff),
    })
  }
  return frames
}
