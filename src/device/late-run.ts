import type { Parcel } from './parcel.js'

/** So many frames in a row that seem late are a device that has restarted. */
const RESTART = 3
/** Of the time that a device needs between two frames, networks may swallow so much. */
const PUNCTUAL = 0.5

/**
 * Frames that seem late, one after the other and as far apart as a device sends them. Late frames do not come like
 * that; those of a device do that has restarted, until its numbers are past the old ones.
 */
export class LateRun {
  #length = 0
  #sequence = 0
  #mono = 0

  /** A frame seems late; false where it is one too many. */
  goesOn(sequence: number, mono: number, shortestIntervalMs: number): boolean {
    const steps = sequence - this.#sequence
    const inTime = mono - this.#mono >= PUNCTUAL * steps * shortestIntervalMs
    this.#length = this.#length > 0 && steps > 0 && inTime ? this.#length + 1 : 1
    this.#sequence = sequence
    this.#mono = mono
    return this.#length < RESTART
  }

  /** Another frame has come that was in its time. */
  end(): void {
    this.#length = 0
  }

  /** As it was at first. */
  get isIdle(): boolean {
    return this.#length === 0 && this.#sequence === 0 && this.#mono === 0
  }

  clear(): void {
    this.#length = 0
    this.#sequence = 0
    this.#mono = 0
  }

  pack(parcel: Parcel): void {
    parcel.put(this.#length)
    parcel.put(this.#sequence)
    parcel.put(this.#mono)
  }

  unpack(parcel: Parcel): void {
    this.#length = parcel.take()
    this.#sequence = parcel.take()
    this.#mono = parcel.take()
  }

  save(): number[] {
    return [this.#length, this.#sequence, this.#mono]
  }

  restore([length = 0, sequence = 0, mono = 0]: readonly number[]): void {
    this.#length = length
    this.#sequence = sequence
    this.#mono = mono
  }
}
