import { parseAggregated, type Result, splitStandardFrames } from '../alec/index.js'
import type { Frame } from '../framing/index.js'

const AGGREGATED = 0x01

/** Whether a frame with this first byte would be one of a sensor gateway. */
export const isAggregated = (marker: number | undefined): boolean => marker === AGGREGATED

/**
 * The frames inside a sensor gateway's aggregated frame, each under `<device>-<channel id>`; undefined where
 * the frame is none. All or nothing: one broken channel is a fault of the whole.
 */
export function splitAggregated(frame: Frame): Result<readonly Frame[]> | undefined {
  if (!isAggregated(frame.bytes[0])) return undefined
  const channels = parseAggregated(frame.bytes)
  if (!channels.ok) return channels
  const parts: Frame[] = []
  for (const { id, data } of channels.value) {
    const frames = splitStandardFrames(data)
    if (!frames.ok) return frames
    for (const bytes of frames.value)
      parts.push({ ...frame, device: `${frame.device}-${id}`, bytes })
  }
  return { ok: true, value: parts }
}
