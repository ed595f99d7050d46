import type { Quality, ReadingsVerdict } from '../../device/index.js'
import type { PointsMessage } from './messages.js'

const FIRST_CAPACITY = 16
const ABSENT = 0
const CODES: Readonly<Record<Quality, number>> = { good: 1, uncertain: 2, bad: 3 }
const LETTERS = '-gub'

/** What one point takes beside its channels: time, epoch, number. */
const HEAD_BYTES = 24
/** Value, bound, quality. */
const CHANNEL_BYTES = 17

/** How many points of so many channels a number of bytes holds. */
export const pointsIn = (bytes: number, channels: number): number =>
  Math.floor(bytes / (HEAD_BYTES + CHANNEL_BYTES * channels))

interface Column {
  values: Float64Array
  bounds: Float64Array
  qualities: Uint8Array
}

/** The latest readings of one device by column; it grows to its capacity as they come. */
export class History {
  readonly #indexes: ReadonlyMap<string, number>
  readonly #capacity: number
  readonly #channels: Column[]
  #at: Float64Array
  #epochs: Float64Array
  #seqs: Float64Array
  #total = 0

  constructor(names: readonly string[], capacity: number) {
    this.#indexes = new Map(names.map((name, index) => [name, index]))
    this.#capacity = capacity
    const first = Math.min(FIRST_CAPACITY, capacity)
    this.#at = new Float64Array(first)
    this.#epochs = new Float64Array(first)
    this.#seqs = new Float64Array(first)
    this.#channels = names.map(() => ({
      values: new Float64Array(first),
      bounds: new Float64Array(first),
      qualities: new Uint8Array(first),
    }))
  }

  /** How many readings there have been. */
  get total(): number {
    return this.#total
  }

  push({ frame, epoch, seq, channels }: ReadingsVerdict): void {
    const size = this.#at.length
    if (this.#total === size && size < this.#capacity) this.#grow()
    const at = this.#total++ % this.#at.length
    this.#at[at] = frame.wall
    this.#epochs[at] = epoch
    this.#seqs[at] = seq
    for (const column of this.#channels) column.qualities[at] = ABSENT
    for (const { name, value, bound, quality } of channels) {
      const column = this.#channels[this.#indexes.get(name) ?? -1]
      if (!column) continue
      column.values[at] = value
      column.bounds[at] = bound
      column.qualities[at] = CODES[quality]
    }
  }

  /** The readings from this number on that are still there. */
  since(number: number): PointsMessage {
    const size = this.#at.length
    const first = Math.max(number, this.#total - size, 0)
    const slots = Array.from(
      { length: Math.max(0, this.#total - first) },
      (_, i) => (first + i) % size,
    )
    const pick = (column: Float64Array) => slots.map((slot) => column[slot] ?? 0)
    return {
      at: pick(this.#at),
      epoch: pick(this.#epochs),
      seq: pick(this.#seqs),
      channels: this.#channels.map(({ values, bounds, qualities }) => ({
        values: slots.map((slot) => (qualities[slot] === ABSENT ? null : finite(values[slot]))),
        bounds: slots.map((slot) => (qualities[slot] === ABSENT ? null : finite(bounds[slot]))),
        qualities: slots.map((slot) => LETTERS[qualities[slot] ?? ABSENT]).join(''),
      })),
    }
  }

  #grow(): void {
    const size = Math.min(this.#at.length * 2, this.#capacity)
    const grown = (column: Float64Array) => {
      const wider = new Float64Array(size)
      wider.set(column)
      return wider
    }
    this.#at = grown(this.#at)
    this.#epochs = grown(this.#epochs)
    this.#seqs = grown(this.#seqs)
    for (const column of this.#channels) {
      column.values = grown(column.values)
      column.bounds = grown(column.bounds)
      const qualities = new Uint8Array(size)
      qualities.set(column.qualities)
      column.qualities = qualities
    }
  }
}

/** JSON has no word for what is not finite. */
export const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null
