import { CompactEncoder, type EncoderProfile, StandardEncoder } from '../src/alec/index.js'
import type { SensorKind } from './signals/index.js'

/** `standard` sends one channel per frame by turns; the multi frames and `compact` send all of them. */
export type NodeFrames = 'compact' | 'standard' | 'adaptive-multi' | 'plain-multi'

export interface NodeChannel {
  readonly name: string
  readonly kind: SensorKind
  /** Context key in standard frames: source id, or name id (0 to 255) in multi frames. */
  readonly source: number
}

export interface FirmwareSpec {
  readonly frames: NodeFrames
  /** Closed loop is for compact frames only. */
  readonly profile: EncoderProfile
  readonly channels: readonly NodeChannel[]
  /** Frames between scheduled keyframes of compact frames; 0 for never. */
  readonly keyframeInterval: number
  readonly scale: number
  /** Whether standard frames end with a checksum. */
  readonly checksum: boolean
  /** Whether `standard` keeps values to itself that were expected within 1 % (P5). */
  readonly suppresses: boolean
}

/** What runs from one start of a device to the next: all of it is lost at a reboot. */
export interface Firmware {
  /** The channels that the next frame is about, by index: these are measured. */
  readonly nextChannels: readonly number[]
  /** `values` by channel; undefined where the device finds nothing worth sending. */
  encode(values: readonly number[], timestampMs: number): Uint8Array | undefined
  /** Takes a downlink; false where the firmware knows no such command. */
  handleDownlink(bytes: Uint8Array): boolean
}

// What the device library's embedded build remembers of a channel; no byte on the wire depends on it.
const historySize = 20

/** Starts a device with an empty memory. Throws a RangeError for a number of channels that cannot be sent. */
export function startFirmware(spec: FirmwareSpec): Firmware {
  if (spec.frames === 'compact') return compactFirmware(spec)
  return spec.frames === 'standard' ? singleFirmware(spec) : multiFirmware(spec)
}

function compactFirmware(spec: FirmwareSpec): Firmware {
  const { keyframeInterval, scale, profile } = spec
  const channels = spec.channels.length
  const encoder = new CompactEncoder({ channels, keyframeInterval, scale, historySize, profile })
  return {
    nextChannels: allOf(spec),
    encode: (values) => encoder.encode(values),
    handleDownlink: (bytes) => encoder.handleDownlink(bytes),
  }
}

function singleFirmware(spec: FirmwareSpec): Firmware {
  const { scale, checksum, channels } = spec
  const encoder = new StandardEncoder({ scale, checksum, historySize })
  let turn = 0
  return {
    get nextChannels() {
      return [turn]
    },
    encode(values, timestampMs) {
      const sourceId = channels[turn]?.source ?? 0
      const value = values[turn] ?? Number.NaN
      turn = (turn + 1) % channels.length
      const priority = encoder.classify(sourceId, value)
      if (spec.suppresses && priority === 5) {
        encoder.context.observe(sourceId, value)
        return undefined
      }
      return encoder.encode(value, { sourceId, timestampMs, priority })
    },
    handleDownlink: () => false,
  }
}

function multiFirmware(spec: FirmwareSpec): Firmware {
  const { scale, checksum, channels } = spec
  const encoder = new StandardEncoder({ scale, checksum, historySize })
  return {
    nextChannels: allOf(spec),
    encode(values, timestampMs) {
      const entries = channels.map(({ source }, i) => ({
        nameId: source,
        value: values[i] ?? Number.NaN,
      }))
      return spec.frames === 'adaptive-multi'
        ? encoder.encodeAdaptiveMulti(entries, { timestampMs })
        : encoder.encodePlainMulti(entries, { sourceId: 0, timestampMs, priority: 3 })
    },
    handleDownlink: () => false,
  }
}

const allOf = (spec: FirmwareSpec): readonly number[] => spec.channels.map((_, i) => i)
