import type { Frame } from '../framing/index.js'
import type { DecodedFrame } from './decoded-frame.js'
import type { DeviceEvent } from './event.js'
import type { ReadingsVerdict } from './verdict.js'

/** What is said of a frame that was decoded; `events` is kept and may still grow. */
export const readingsVerdict = (
  device: string,
  frame: Frame,
  epoch: number,
  decoded: DecodedFrame,
  events: DeviceEvent[],
): ReadingsVerdict => ({
  kind: 'readings',
  device,
  frame,
  family: decoded.family,
  epoch,
  seq: decoded.seq,
  quality: decoded.quality,
  priority: decoded.priority,
  deviceTime: decoded.deviceTime,
  channels: decoded.channels,
  wantsKeyframe: decoded.wantsKeyframe,
  events,
})

/** Until the probes of a circuit have decided, nothing passes as good. */
export const onProbation = (decoded: DecodedFrame): DecodedFrame => ({
  ...decoded,
  quality: decoded.quality === 'good' ? 'uncertain' : decoded.quality,
  channels: decoded.channels.map((reading) =>
    reading.quality === 'good' ? { ...reading, quality: 'uncertain' as const } : reading,
  ),
})
