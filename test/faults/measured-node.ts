import { CompactEncoder } from '../../src/alec/index.js'

/**
 * The model of every node here. They send more often than it says, so that no pause of a loaded machine is long enough to
 * hide a restart; the price is that their first `HELD_UP` frames look as if they had been held up, and prove little.
 */
export const NODE_MODEL = {
  frames: 'compact',
  interval: '1s',
  channels: [
    {
      name: 'temperature',
      quantity: 'temperature',
      resolution: 0.1,
      min: -40,
      max: 85,
      max_step: 2,
    },
    { name: 'humidity', quantity: 'relative_humidity', resolution: 1, max_step: 5 },
  ],
} as const

/** A device that knows what it measured, by the number of its frame. */
export class MeasuredNode {
  readonly id: string
  readonly measured: (readonly [number, number])[] = []
  readonly #encoder = new CompactEncoder({ channels: 2 })
  readonly #phase: number

  constructor(id: string, phase = 0) {
    this.id = id
    this.#phase = phase
  }

  next(): Uint8Array {
    const n = this.measured.length + this.#phase
    const temperature = Number((21 + 3 * Math.sin(n / 9)).toFixed(1))
    const humidity = Math.round(50 + 10 * Math.sin(n / 23))
    this.measured.push([temperature, humidity])
    return this.#encoder.encode([temperature, humidity])
  }

  hear(downlink: Uint8Array): void {
    this.#encoder.handleDownlink(downlink)
  }
}

/** A reading as a consumer gets it. */
export interface SeenReading {
  readonly epoch: number
  readonly seq: number
  readonly quality: string
  readonly temperature?: number
  readonly humidity?: number
  readonly uncertain?: Readonly<
    Record<string, { readonly value: number; readonly bound: number | null }>
  >
}

/** What a reading says that is not so: a good value that was not measured, or one outside its bound. */
export function liesOf(node: MeasuredNode, reading: SeenReading): string[] {
  const [temperature = Number.NaN, humidity = Number.NaN] = node.measured[reading.seq] ?? []
  return Object.entries({ temperature, humidity }).flatMap(([name, measured]) => {
    const good = reading[name as 'temperature' | 'humidity']
    const doubt = reading.uncertain?.[name]
    const wrong = good !== undefined && good !== measured
    const outside = doubt?.bound != null && !(Math.abs(doubt.value - measured) <= doubt.bound)
    return wrong || outside
      ? [`${node.id} ${reading.seq} ${name}: ${measured}, not as in ${JSON.stringify(reading)}`]
      : []
  })
}

export const HELD_UP = 100
