import type { Parcel } from './parcel.js'

const WINDOW = 500

/** The share of frames lost among the last 500 that a device sent. */
export class LossWindow {
  readonly #lost = new Uint8Array(WINDOW)
  #next = 0
  #filled = 0
  #sum = 0

  add(lost: boolean): void {
    this.#sum -= this.#lost[this.#next] ?? 0
    this.#lost[this.#next] = lost ? 1 : 0
    this.#sum += lost ? 1 : 0
    this.#next = (this.#next + 1) % WINDOW
    if (this.#filled < WINDOW) this.#filled++
  }

  addLost(count: number): void {
    for (let i = Math.min(count, WINDOW); i > 0; i--) this.add(true)
  }

  pack(parcel: Parcel): void {
    parcel.put(this.#next)
    parcel.put(this.#filled)
    parcel.putUsual(this.#sum, 0)
    if (this.#sum > 0) parcel.putBits(this.#lost)
  }

  unpack(parcel: Parcel): void {
    this.#next = parcel.take()
    this.#filled = parcel.take()
    const before = this.#sum
    this.#sum = parcel.takeUsual(0)
    if (this.#sum > 0) parcel.takeBits(this.#lost)
    else if (before > 0) this.#lost.fill(0)
  }

  /** 0 … 1. */
  get ratio(): number {
    return this.#filled === 0 ? 0 : this.#sum / this.#filled
  }

  get lost(): number {
    return this.#sum
  }
}
