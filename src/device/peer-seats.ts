/** So many readings make a mean, the latest weighing most. */
const WINDOW = 8
/** A mean of fewer says nothing of its device. */
const LEAST = 3

/** Numbers of a saved seat before its channels, and of each channel. */
const SAVED_OWN = 1
const SAVED_CHANNEL = 3

/**
 * The devices of a model by their seats, in columns: the running mean of each channel, and whether the device has left
 * the others there. With four channels a device takes 80 bytes.
 */
export class PeerSeats {
  readonly #channels: number
  readonly #free: number[] = []
  #used = 0
  // By seat.
  #present = new Uint8Array(0)
  #until = new Float64Array(0)
  // By seat and channel.
  #counts = new Uint8Array(0)
  #apart = new Uint8Array(0)
  #means = new Float64Array(0)
  #marks = new Float64Array(0)

  constructor(channels: number) {
    this.#channels = channels
  }

  /** A seat for one more device. */
  take(): number {
    const seat = this.#free.pop() ?? this.#used++
    if (seat >= this.#present.length) this.#grow()
    this.#marks.fill(Number.NaN, this.#at(seat, 0), this.#at(seat + 1, 0))
    return seat
  }

  /** Nobody needs the seat any more. */
  giveBack(seat: number): void {
    this.#present[seat] = 0
    this.forgetMeans(seat)
    this.#apart.fill(0, this.#at(seat, 0), this.#at(seat + 1, 0))
    this.#free.push(seat)
  }

  /** The device was heard, and counts until this second of the bridge's monotonic time without another frame. */
  come(seat: number, until: number): void {
    this.#present[seat] = 1
    this.#until[seat] = until
  }

  /** It does not count, until it comes again. */
  go(seat: number): void {
    this.#present[seat] = 0
  }

  /** Those that count, each with the second until which it does. */
  *present(): Iterable<readonly [seat: number, until: number]> {
    for (let seat = 0; seat < this.#used; seat++)
      if (this.#present[seat] === 1) yield [seat, this.#until[seat]!]
  }

  /** The mean of the last readings; NaN where there are too few. */
  mean(seat: number, channel: number): number {
    const at = this.#at(seat, channel)
    return this.#counts[at]! < LEAST ? Number.NaN : this.#means[at]!
  }

  add(seat: number, channel: number, value: number): void {
    const at = this.#at(seat, channel)
    const before = this.#means[at]!
    const count = Math.min(this.#counts[at]! + 1, WINDOW)
    this.#counts[at] = count
    this.#means[at] = before + (value - before) / count
  }

  /** The means are too old to say anything; whether it has left stays. */
  forgetMeans(seat: number): void {
    this.#counts.fill(0, this.#at(seat, 0), this.#at(seat + 1, 0))
    this.#means.fill(0, this.#at(seat, 0), this.#at(seat + 1, 0))
  }

  /** What stands for a channel in the sums of all; NaN where nothing does. */
  mark(seat: number, channel: number): number {
    return this.#marks[this.#at(seat, channel)]!
  }

  setMark(seat: number, channel: number, mark: number): void {
    this.#marks[this.#at(seat, channel)] = mark
  }

  isApart(seat: number, channel: number): boolean {
    return this.#apart[this.#at(seat, channel)] === 1
  }

  setApart(seat: number, channel: number, apart: boolean): void {
    this.#apart[this.#at(seat, channel)] = apart ? 1 : 0
  }

  save(seat: number): number[] {
    const saved = [this.#until[seat]!]
    for (let at = this.#at(seat, 0); at < this.#at(seat + 1, 0); at++)
      saved.push(this.#counts[at]!, this.#means[at]!, this.#apart[at]!)
    return saved
  }

  /** The second until which it counts; undefined, and nothing changed, where these are not the numbers of such a seat. */
  restore(seat: number, saved: readonly number[]): number | undefined {
    if (saved.length !== SAVED_OWN + SAVED_CHANNEL * this.#channels) return undefined
    for (let channel = 0; channel < this.#channels; channel++) {
      const at = this.#at(seat, channel)
      const from = SAVED_OWN + SAVED_CHANNEL * channel
      this.#counts[at] = saved[from]!
      this.#means[at] = saved[from + 1]!
      this.#apart[at] = saved[from + 2]!
    }
    return saved[0]
  }

  #at(seat: number, channel: number): number {
    return seat * this.#channels + channel
  }

  #grow(): void {
    const seats = Math.max(16, 2 * this.#present.length)
    this.#present = enlarged(this.#present, new Uint8Array(seats))
    this.#until = enlarged(this.#until, new Float64Array(seats))
    this.#counts = enlarged(this.#counts, new Uint8Array(this.#at(seats, 0)))
    this.#apart = enlarged(this.#apart, new Uint8Array(this.#at(seats, 0)))
    this.#means = enlarged(this.#means, new Float64Array(this.#at(seats, 0)))
    this.#marks = enlarged(this.#marks, new Float64Array(this.#at(seats, 0)))
  }
}

function enlarged<Column extends Uint8Array | Float64Array>(old: Column, column: Column): Column {
  column.set(old)
  return column
}
