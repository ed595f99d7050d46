import {
  CompactEncoder,
  type Context,
  keyframeRequest,
  StandardEncoder,
} from '../../src/alec/index.js'
import type { ChannelSpec, ModelSpec } from '../../src/device/index.js'
import { defaultSpec } from './default-spec.js'
import { mulberry } from './mulberry.js'

/** How a measured device sends its values. */
export type Sending =
  | 'compact'
  | 'closed-loop'
  | 'single'
  | 'several-singles'
  | 'adaptive'
  /** Adaptive frames and single values as chance will have it. */
  | 'mixed'

export const INTERVAL = 60_000

/** A frame, and what was measured for it, by channel; only what the device observed by this frame. */
export interface MeasuredFrame {
  readonly bytes: Uint8Array
  readonly truth: ReadonlyMap<string, number>
}

const sensors = [
  { name: 'temperature', resolution: '0.1', digits: 1, min: -40, max: 85, steps: 3 },
  { name: 'humidity', resolution: '1', digits: 0, min: 0, max: 100, steps: 2 },
  { name: 'pressure', resolution: '0.01', digits: 2, min: 900, max: 1100, steps: 5 },
]

/** How many steps beside what it measures a device measures instead, by the frame and the channel. */
export type Beside = (frame: number, channel: number) => number

/** An encoder fed by seeded, quantised sensors that walk at random. */
export class MeasuredDevice {
  readonly model: ModelSpec
  readonly #compact: CompactEncoder | undefined
  readonly #standard: StandardEncoder | undefined
  readonly #random: () => number
  readonly #sending: Sending
  readonly #levels: number[]
  readonly #beside: Beside
  #sent = 0

  constructor(sending: Sending, channels: number, seed: number, beside: Beside = () => 0) {
    this.#sending = sending
    this.#beside = beside
    this.#random = mulberry(seed)
    const used = sensors.slice(0, sending === 'single' ? 1 : channels)
    const compact = sending === 'compact' || sending === 'closed-loop'
    const profile = sending === 'closed-loop' ? 'closed-loop' : 'alec-1.3'
    this.model = {
      ...defaultSpec,
      frames: compact ? 'compact' : 'standard',
      checksum: !compact,
      profile,
      intervalMs: INTERVAL,
      channels: used.map(
        ({ name, resolution, min, max, steps, digits }, i): ChannelSpec => ({
          name,
          resolution,
          min,
          max,
          maxStep: Number((steps / 10 ** digits).toFixed(digits)),
          ...(!compact && { source: i + 1 }),
        }),
      ),
    }
    if (compact) this.#compact = new CompactEncoder({ channels: used.length, profile })
    else this.#standard = new StandardEncoder({ checksum: true })
    this.#levels = used.map(({ min, max, digits }) =>
      Math.round((min + this.#random() * (max - min)) * 10 ** digits),
    )
  }

  get context(): Context {
    return (this.#compact ?? this.#standard)!.context
  }

  /** Its next frame holds everything whole, where such a device can do that. */
  requestKeyframe(): void {
    this.#compact?.handleDownlink(Uint8Array.of(keyframeRequest))
  }

  /** Measures and sends once. */
  next(): MeasuredFrame {
    const n = this.#sent++
    const due = this.#due(n)
    const values = this.#levels.map((_, i) => this.#measure(n, i, due === 'all' || due === i))
    const timestampMs = n * INTERVAL
    const all = new Map(values.map((value, i) => [sensors[i]!.name, value]))
    if (this.#compact) return { bytes: this.#compact.encode(values), truth: all }
    const standard = this.#standard!
    if (due === 'all') {
      const entries = values.map((value, i) => ({ nameId: i + 1, value }))
      return { bytes: standard.encodeAdaptiveMulti(entries, { timestampMs }), truth: all }
    }
    const options = { sourceId: due + 1, timestampMs, priority: 3 as const }
    const value = values[due]!
    return { bytes: standard.encode(value, options), truth: new Map([[sensors[due]!.name, value]]) }
  }

  /** Which sensor the next frame is about. */
  #due(n: number): number | 'all' {
    const single = this.#sending === 'single' || this.#sending === 'several-singles'
    const one = single || (this.#sending === 'mixed' && this.#random() < 0.5)
    return one ? n % this.#levels.length : 'all'
  }

  /** A sensor that is read in turn with others has moved once a reading. */
  #measure(n: number, i: number, due: boolean): number {
    const { min, max, digits, steps } = sensors[i]!
    const power = 10 ** digits
    if (due && this.#random() < 0.6) {
      const moved = this.#levels[i]! + Math.round((this.#random() * 2 - 1) * steps)
      this.#levels[i] = Math.min(max * power, Math.max(min * power, moved))
    }
    return (this.#levels[i]! + this.#beside(n, i)) / power
  }
}
