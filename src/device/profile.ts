import {
  type DecoderModel,
  type FrameShape,
  parseResolution,
  quantityRange,
  xxh64,
} from '../alec/index.js'

/** One channel as the configuration declares it. */
export interface ChannelSpec {
  readonly name: string
  readonly quantity?: string
  readonly unit?: string
  /** The decimal as written. */
  readonly resolution?: string
  readonly min?: number
  readonly max?: number
  readonly maxStep?: number
  readonly tolerance?: number
  readonly source?: number
}

/** When a device has left the others of its model. */
export interface PeerPolicy {
  /** So many standard deviations of the others' means away. */
  readonly deviations: number
  /** So many devices have to be there, this one included; 3 or more. */
  readonly minimum: number
}

/** A model of devices as the configuration declares it. */
export interface ModelSpec {
  readonly frames: 'compact' | 'standard'
  readonly checksum: boolean
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly intervalMs?: number
  readonly scale: number
  readonly keyframeInterval: number
  readonly multi: 'adaptive' | 'plain'
  readonly suppresses: boolean
  /** Absent: they are not held against each other. */
  readonly peers?: PeerPolicy
  readonly channels: readonly ChannelSpec[]
}

/** A model made ready for decoding; shared by all devices of the model. */
export interface DeviceProfile {
  readonly spec: ModelSpec
  readonly shape: FrameShape
  readonly decoder: DecoderModel
  readonly names: readonly string[]
  /** A reading is good when its bound is at most this; by channel. */
  readonly tolerances: Float64Array
  /** Where a channel's predictions lie closer together than this, its next delta will most likely be good. */
  readonly closeEnough: Float64Array
  /** What any frame of such a device may add to its observations: standard frames carry one value or several. */
  readonly observationsOfAny: { readonly least: number; readonly most: number }
  /** The context version on the wire is modulo this. */
  readonly versionModulus: number
  /** Of all that decoding rests on: a saved state is of use only under the same. */
  readonly fingerprint: string
  /** Whether a downlink can ask for a keyframe: standard frames know none. */
  readonly hasKeyframes: boolean
}

/** Makes a validated model ready. Throws a RangeError on a resolution that is no decimal. */
export function compileProfile(spec: ModelSpec): DeviceProfile {
  const compact = spec.frames === 'compact'
  const shape: FrameShape = compact
    ? { family: 'compact', channels: spec.channels.length }
    : { family: 'standard', checksum: spec.checksum }
  const plain = !compact && spec.multi === 'plain'
  const tolerances = new Float64Array(spec.channels.length)
  const closeEnough = new Float64Array(spec.channels.length)
  const unit = 1 / spec.scale
  const channels = spec.channels.map((channel, index) => {
    const range = quantityRange(channel.quantity)
    const resolution =
      channel.resolution === undefined ? undefined : parseResolution(channel.resolution)
    if (channel.resolution !== undefined && !resolution) {
      throw new RangeError(
        `channel ${channel.name}: resolution ${channel.resolution} is no positive decimal`,
      )
    }
    tolerances[index] = channel.tolerance ?? (resolution ? resolution.step / 2 : 1 / spec.scale)
    const tolerance = tolerances[index] ?? 0
    // A delta tells the value to its unit; what is left of the resolution (or tolerance) may be doubt.
    closeEnough[index] = resolution
      ? Math.max(resolution.step - unit, resolution.step / 128)
      : Math.max(2 * tolerance - unit, 0)
    return {
      key: compact ? index + 1 : (channel.source ?? 0),
      declared: {
        ...(resolution && { resolution }),
        min: channel.min ?? range?.min ?? Number.NEGATIVE_INFINITY,
        max: channel.max ?? range?.max ?? Number.POSITIVE_INFINITY,
        // Plain multi frames carry whole values and no context that would show what was missed in between.
        maxStep: plain ? Number.POSITIVE_INFINITY : (channel.maxStep ?? Number.POSITIVE_INFINITY),
      },
    }
  })
  return {
    spec,
    shape,
    decoder: { shape, scale: spec.scale, profile: spec.profile, multi: spec.multi, channels },
    names: spec.channels.map((channel) => channel.name),
    tolerances,
    closeEnough,
    observationsOfAny: observationsOfAny(spec),
    versionModulus: compact ? 2 ** 16 : 2 ** 24,
    fingerprint: fingerprintOf(spec),
    hasKeyframes: compact,
  }
}

function observationsOfAny({ frames, multi, channels }: ModelSpec): {
  readonly least: number
  readonly most: number
} {
  const most = channels.length
  if (frames === 'compact') return { least: most, most }
  return multi === 'plain' ? { least: 0, most: 0 } : { least: 1, most }
}

/** The interval may change, and what is only for people. */
function fingerprintOf(spec: ModelSpec): string {
  const { frames, checksum, profile, scale, multi, suppresses } = spec
  const channels = spec.channels.map(({ unit: _unit, ...decisive }) => decisive)
  const decisive = JSON.stringify([frames, checksum, profile, scale, multi, suppresses, channels])
  return xxh64(new TextEncoder().encode(decisive)).toString(16).padStart(16, '0')
}
