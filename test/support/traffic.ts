import { encodeAggregated } from '../../src/alec/index.js'
import type { ModelSpec } from '../../src/device/index.js'
import type { Frame } from '../../src/framing/index.js'
import { frameOf } from './frames.js'
import { INTERVAL, MeasuredDevice, type Sending } from './measured-device.js'
import { mulberry } from './mulberry.js'

/** Chances per frame. */
export interface TrafficFaults {
  readonly loss: number
  /** The frame comes once more, now or a few frames later. */
  readonly duplicates: number
  /** The frame comes after the next one. */
  readonly swaps: number
  readonly reboots: number
  /** Bytes that are no frame, several in a row. */
  readonly garbage: number
  /** The device says nothing for a long time; frames go by. */
  readonly silences: number
}

export const noTrafficFaults: TrafficFaults = Object.freeze({
  loss: 0,
  duplicates: 0,
  swaps: 0,
  reboots: 0,
  garbage: 0,
  silences: 0,
})

export const allTrafficFaults: TrafficFaults = Object.freeze({
  loss: 0.05,
  duplicates: 0.05,
  swaps: 0.03,
  reboots: 0.01,
  garbage: 0.03,
  silences: 0.01,
})

export interface Traffic {
  /** Device id → name of its model. */
  readonly devices: ReadonlyMap<string, string>
  readonly models: ReadonlyMap<string, ModelSpec>
  /** In the order of their arrival. */
  readonly frames: readonly Frame[]
  /** What was measured for a frame, by its bytes' object. */
  readonly truths: ReadonlyMap<Uint8Array, ReadonlyMap<string, number>>
}

const GATEWAY = 'gw'
const PART = 'a'

/** What `frames` frames of each of these kinds of device look like at the door of a bridge, by a seed. */
export function trafficOf(
  seed: number,
  kinds: readonly Sending[],
  frames: number,
  faults: TrafficFaults,
): Traffic {
  const models = new Map<string, ModelSpec>()
  const devices = new Map<string, string>()
  const truths = new Map<Uint8Array, ReadonlyMap<string, number>>()
  const arrivals: Frame[] = []
  kinds.forEach((kind, index) => {
    const random = mulberry(seed * 31 + index)
    const id = `d${index}`
    // A single value goes with others in a gateway's frame, now and then.
    const gateway = kind === 'single' ? `${GATEWAY}${index}` : undefined
    const device = gateway === undefined ? id : `${gateway}-${PART}`
    const boot = () => new MeasuredDevice(kind, 1 + (index % 3), Math.floor(random() * 2 ** 31))
    let encoder = boot()
    models.set(device, encoder.model)
    devices.set(device, device)
    const arrive = (bytes: Uint8Array, mono: number) => {
      if (gateway === undefined) arrivals.push(frameOf(bytes, mono, device))
      else {
        const whole = encodeAggregated([{ id: PART, data: bytes }])
        arrivals.push(frameOf(whole, mono, gateway))
      }
    }
    let held: Uint8Array | undefined
    let time = index * 7 + random() * INTERVAL
    for (let n = 0; n < frames; n++) {
      time += INTERVAL * (1 + (random() - 0.5) / 10)
      if (random() < faults.reboots) encoder = boot()
      if (random() < faults.silences) {
        const missed = Math.floor(random() * 30)
        for (let i = 0; i < missed; i++) encoder.next()
        time += missed * INTERVAL
      }
      if (random() < faults.garbage)
        for (let i = 0; i < 6; i++)
          arrivals.push(frameOf(Uint8Array.of(0xa1, n, i), time - 10 + i, device))
      const { bytes, truth } = encoder.next()
      truths.set(bytes, truth)
      if (random() < faults.loss) continue
      if (held === undefined && random() < faults.swaps) {
        held = bytes
        continue
      }
      arrive(bytes, time)
      if (held) arrive(held, time + 1 + random())
      held = undefined
      if (random() < faults.duplicates) arrive(bytes, time + 2 + random() * INTERVAL * 3)
    }
  })
  arrivals.sort((a, b) => a.mono - b.mono)
  return { devices, models, frames: arrivals, truths }
}
