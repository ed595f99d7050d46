import type { Parcel } from './parcel.js'
import { SEQUENCES } from './stream-position.js'

export interface NumbersMemory {
  readonly epoch: number
  /** Whether that epoch has begun with a frame, or is only where the next one counts from. */
  readonly begun: boolean
  readonly seq: number
}

/** The keys of a device's frames: (epoch, number), both of which only grow. */
export class FrameNumbers {
  #epoch: number
  #begun = false
  #seq = 0

  /** `epochBase`: the epoch before its first one; greater than any that was used before, where that is forgotten. */
  constructor(epochBase: number) {
    this.#epoch = epochBase
  }

  /** Grows at a reboot or an unknown gap. */
  get epoch(): number {
    return this.#epoch
  }

  /** Number of the last frame: its sequence, unwrapped. */
  get seq(): number {
    return this.#seq
  }

  /** A frame has come. */
  get begun(): boolean {
    return this.#begun
  }

  /** Begins after this epoch, where nothing has begun yet. */
  beginAfter(epoch: number): void {
    if (!this.#begun) this.#epoch = Math.max(this.#epoch, epoch)
  }

  startEpoch(sequence: number): void {
    this.#epoch++
    this.#begun = true
    this.#seq = sequence
  }

  /** A frame has come before which `lost` are missing. */
  goOn(lost: number): void {
    this.#seq += lost + 1
  }

  /** The first frame of an epoch that an import has opened. */
  goOnFromImport(sequence: number, lost: number): void {
    this.#seq = sequence < lost ? sequence + SEQUENCES : sequence
  }

  pack(parcel: Parcel): void {
    parcel.put(this.#epoch)
    parcel.putFlag(this.#begun)
    parcel.put(this.#seq)
  }

  unpack(parcel: Parcel): void {
    this.#epoch = parcel.take()
    this.#begun = parcel.takeFlag()
    this.#seq = parcel.take()
  }

  save(): NumbersMemory {
    return { epoch: this.#epoch, begun: this.#begun, seq: this.#seq }
  }

  restore({ epoch, begun, seq }: NumbersMemory): void {
    this.#epoch = epoch
    this.#begun = begun
    this.#seq = seq
  }
}
