import type { Parcel } from './parcel.js'

const SLOTS = 16

/** The last 16 frames of a device by sequence and hash, to tell a repeated delivery from a new frame. */
export class RecentFrames {
  readonly #sequences = new Int32Array(SLOTS).fill(-1)
  readonly #hashes = new Uint32Array(SLOTS)
  readonly #epochs = new Float64Array(SLOTS)
  #next = 0

  /**
   * Whether this sequence is among them: with the same bytes, with others, or with the same bytes in an earlier
   * epoch (which a device that repeats itself after a restart may also send anew).
   */
  find(
    sequence: number,
    hash: number,
    epoch: number,
  ): 'same' | 'different' | 'same-before' | undefined {
    const sequences = this.#sequences
    // The newest first: a sequence may stand here twice.
    for (let i = 1, slot = this.#next; i <= SLOTS; i++) {
      slot = slot === 0 ? SLOTS - 1 : slot - 1
      if (sequences[slot] !== sequence) continue
      const same = this.#hashes[slot] === hash
      if (this.#epochs[slot] === epoch) return same ? 'same' : 'different'
      if (same) return 'same-before'
    }
    return undefined
  }

  /** Whether a frame of this number came in this epoch. */
  has(sequence: number, epoch: number): boolean {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#sequences[slot] === sequence && this.#epochs[slot] === epoch) return true
    }
    return false
  }

  add(sequence: number, hash: number, epoch: number): void {
    this.#sequences[this.#next] = sequence
    this.#hashes[this.#next] = hash
    this.#epochs[this.#next] = epoch
    this.#next = (this.#next + 1) % SLOTS
  }

  /** `epoch` is the one that goes on: most of the frames are of it. */
  pack(parcel: Parcel, epoch: number): void {
    let others = false
    for (let slot = 0; slot < SLOTS; slot++)
      others ||= this.#sequences[slot]! >= 0 && this.#epochs[slot] !== epoch
    parcel.put(this.#next)
    parcel.putFlag(others)
    for (let slot = 0; slot < SLOTS; slot++) {
      // Both in one number; where none is it is 0.
      parcel.put(
        (this.#sequences[slot]! + 1) * 2 ** 32 +
          this.#hashes[slot]! * Number(this.#sequences[slot]! >= 0),
      )
      if (others) parcel.put(this.#epochs[slot]!)
    }
  }

  unpack(parcel: Parcel, epoch: number): void {
    this.#next = parcel.take()
    const others = parcel.takeFlag()
    for (let slot = 0; slot < SLOTS; slot++) {
      const both = parcel.take()
      const sequence = Math.floor(both / 2 ** 32) - 1
      this.#sequences[slot] = sequence
      this.#hashes[slot] = both % 2 ** 32
      this.#epochs[slot] = others ? parcel.take() : epoch
    }
  }

  /** Sequence, hash and epoch of each frame, the oldest first. */
  save(): number[] {
    const saved: number[] = []
    for (let i = 0; i < SLOTS; i++) {
      const slot = (this.#next + i) % SLOTS
      const sequence = this.#sequences[slot] ?? -1
      if (sequence >= 0) saved.push(sequence, this.#hashes[slot] ?? 0, this.#epochs[slot] ?? 0)
    }
    return saved
  }

  restore(saved: readonly number[]): void {
    this.#sequences.fill(-1)
    this.#next = 0
    for (let i = 0; i + 2 < saved.length; i += 3) {
      this.add(saved[i] ?? 0, saved[i + 1] ?? 0, saved[i + 2] ?? 0)
    }
  }
}
