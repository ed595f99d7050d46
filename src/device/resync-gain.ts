import type { DeviceProfile } from './profile.js'
import type { DeviceStream } from './stream.js'

/** A keyframe restores a closed-loop device; of an open-loop one each keyframe restores a part (measured: ten in all). */
const REQUESTS_TO_RECOVER = { 'closed-loop': 1, 'alec-1.3': 10 } as const
/** Taken for the interval of a device of which none is known, milliseconds. */
const UNKNOWN_INTERVAL_MS = 60_000

/** Good readings a second that one keyframe request to a device is expected to bring. */
export function resyncGain({ sync, interval }: DeviceStream, { spec }: DeviceProfile): number {
  // A channel that reads well by luck is not gained; but a device that asks has one at least that does not.
  const channels = Math.max(1, sync.channelsOutside)
  const framesPerSecond = 1000 / (interval.typicalMs || UNKNOWN_INTERVAL_MS)
  return (channels * framesPerSecond) / REQUESTS_TO_RECOVER[spec.profile]
}
