import type { Quality, ReadingsVerdict } from '../../device/index.js'
import type { PointsMessage } from './messages.js'

const FIRST_CAPACITY = 16
/** Two bits a channel: absent, good, uncertain, bad. */
const CODES: Readonly<Record<Quality, number>> = { good: 1, uncertain: 2, bad: 3 }
const LETTERS = '-gub'
/** Qualities that one number holds, and does so exactly. */
const QUALITIES_A_NUMBER = 24

// Where things stand in a point: its time, epoch and number, qualities, then value and bound of each channel.
const AT = 0
const EPOCH = 1
const SEQ = 2
const QUALITIES = 3

const valuesOffset = (channels: number): number =>
  QUALITIES + Math.ceil(channels / QUALITIES_A_NUMBER)

/** Numbers that one point takes. */
const strideOf = (channels: number): number => valuesOffset(channels) + 2 * channels

/** How many points of so many channels a number of bytes holds. */
export const pointsIn = (bytes: number, channels: number): number =>
  Math.floor(bytes / (8 * strideOf(channels)))

/** The latest readings of one device; it grows to its capacity as they come. */
export class History {
  readonly #names: readonly string[]
  readonly #stride: number
  readonly #capacity: number
  // One array, not one a column: with ten thousand devices those were half of the memory.
  #points: Float64Array
  #total = 0

  constructor(names: readonly string[], capacity: number) {
    this.#names = names
    this.#stride = strideOf(names.length)
    this.#capacity = capacity
    this.#points = new Float64Array(Math.min(FIRST_CAPACITY, capacity) * this.#stride)
  }

  /** How many readings there have been. */
  get total(): number {
    return this.#total
  }

  push({ frame, epoch, seq, channels }: ReadingsVerdict): void {
    if (this.#total === this.#size && this.#size < this.#capacity) this.#grow()
    const points = this.#points
    const point = (this.#total++ % this.#size) * this.#stride
    const values = point + valuesOffset(this.#names.length)
    points[point + AT] = frame.wall
    points[point + EPOCH] = epoch
    points[point + SEQ] = seq
    points.fill(0, point + QUALITIES, values)
    for (const { name, value, bound, quality } of channels) {
      const channel = this.#names.indexOf(name)
      if (channel < 0) continue
      points[values + 2 * channel] = value
      points[values + 2 * channel + 1] = bound
      const word = point + QUALITIES + Math.floor(channel / QUALITIES_A_NUMBER)
      points[word] = (points[word] ?? 0) + CODES[quality] * 4 ** (channel % QUALITIES_A_NUMBER)
    }
  }

  /** The readings from this number on that are still there. */
  since(number: number): PointsMessage {
    const first = Math.max(number, this.#total - this.#size)
    const count = Math.max(0, this.#total - first)
    const starts = Array.from(
      { length: count },
      (_, i) => ((first + i) % this.#size) * this.#stride,
    )
    const pick = (offset: number) => starts.map((point) => this.#points[point + offset] ?? 0)
    return {
      at: pick(AT),
      epoch: pick(EPOCH),
      seq: pick(SEQ),
      channels: this.#names.map((_, channel) => {
        const codes = starts.map((point) => this.#quality(point, channel))
        const numbers = (offset: number) =>
          pick(valuesOffset(this.#names.length) + 2 * channel + offset).map((value, i) =>
            codes[i] === 0 ? null : finite(value),
          )
        return {
          values: numbers(0),
          bounds: numbers(1),
          qualities: codes.map((code) => LETTERS[code]).join(''),
        }
      }),
    }
  }

  /** Points that there is room for now. */
  get #size(): number {
    return this.#points.length / this.#stride
  }

  #quality(point: number, channel: number): number {
    const word = this.#points[point + QUALITIES + Math.floor(channel / QUALITIES_A_NUMBER)] ?? 0
    return Math.floor(word / 4 ** (channel % QUALITIES_A_NUMBER)) % 4
  }

  #grow(): void {
    const grown = new Float64Array(Math.min(this.#size * 2, this.#capacity) * this.#stride)
    grown.set(this.#points)
    this.#points = grown
  }
}

/** JSON has no word for what is not finite. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
