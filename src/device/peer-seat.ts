/** So many readings make a mean, the latest weighing most. */
const WINDOW = 8
/** A mean of fewer says nothing of its device. */
const LEAST = 3

/** Numbers of a saved seat before its channels, and of each channel. */
const SAVED_OWN = 1
const SAVED_CHANNEL = 3

/** One device among its peers: the running mean of each channel, and whether it has left them there. */
export class PeerSeat {
  /** The second, of the bridge's monotonic time, until which it counts without another frame. */
  until = 0
  /** What stands for each channel in the sums of all; NaN where nothing does. */
  readonly marks: Float64Array
  /** Readings of each mean, counted as far as that matters. */
  readonly #counts: Uint8Array
  readonly #means: Float64Array
  readonly #apart: Uint8Array

  constructor(channels: number) {
    this.marks = new Float64Array(channels).fill(Number.NaN)
    this.#counts = new Uint8Array(channels)
    this.#means = new Float64Array(channels)
    this.#apart = new Uint8Array(channels)
  }

  /** The mean of the last readings; NaN where there are too few. */
  mean(channel: number): number {
    return this.#counts[channel]! < LEAST ? Number.NaN : this.#means[channel]!
  }

  get isApartAnywhere(): boolean {
    return this.#apart.includes(1)
  }

  isApart(channel: number): boolean {
    return this.#apart[channel] === 1
  }

  setApart(channel: number, apart: boolean): void {
    this.#apart[channel] = apart ? 1 : 0
  }

  take(channel: number, value: number): void {
    const before = this.#means[channel]!
    const count = Math.min(this.#counts[channel]! + 1, WINDOW)
    this.#counts[channel] = count
    this.#means[channel] = before + (value - before) / count
  }

  /** The means are too old to say anything; whether it has left stays. */
  forgetMeans(): void {
    this.#counts.fill(0)
    this.#means.fill(0)
  }

  save(): number[] {
    const saved = [this.until]
    for (let channel = 0; channel < this.marks.length; channel++)
      saved.push(this.#counts[channel]!, this.#means[channel]!, this.#apart[channel]!)
    return saved
  }

  /** False, and nothing changed, where these are not the numbers of such a seat. */
  restore(saved: readonly number[]): boolean {
    if (saved.length !== SAVED_OWN + SAVED_CHANNEL * this.marks.length) return false
    this.until = saved[0]!
    for (let channel = 0; channel < this.marks.length; channel++) {
      const at = SAVED_OWN + SAVED_CHANNEL * channel
      this.#counts[channel] = saved[at]!
      this.#means[channel] = saved[at + 1]!
      this.#apart[channel] = saved[at + 2]!
    }
    return true
  }
}
