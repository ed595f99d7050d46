import type { Parcel } from './parcel.js'

const SLOTS = 16
const LAST_SEQUENCE = 65_535

// Of packed frames: what need not be said of each.
const IN_A_ROW = 1
const OF_ONE_EPOCH = 2

/** The last 16 frames of a device by sequence and hash, to tell a repeated delivery from a new frame. */
export class RecentFrames {
  readonly #sequences = new Int32Array(SLOTS).fill(-1)
  readonly #hashes = new Uint32Array(SLOTS)
  readonly #epochs = new Float64Array(SLOTS)
  #next = 0
  /** So many slots hold a frame, the first ones. */
  #filled = 0

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
    if (this.#filled < SLOTS) this.#filled++
  }

  /** `epoch` is the one that goes on: most of the frames are of it, and go on from each other. */
  pack(parcel: Parcel, epoch: number): void {
    const filled = this.#filled
    const first = filled === 0 ? 0 : this.#sequences[this.#placeOf(0, filled)]!
    let inARow = true
    let ofOneEpoch = true
    for (let i = 0; i < filled; i++) {
      const slot = this.#placeOf(i, filled)
      inARow &&= this.#sequences[slot] === ((first + i) & LAST_SEQUENCE)
      ofOneEpoch &&= this.#epochs[slot] === epoch
    }
    parcel.put(this.#next)
    parcel.put(filled)
    parcel.put((inARow ? IN_A_ROW : 0) + (ofOneEpoch ? OF_ONE_EPOCH : 0))
    parcel.putWords(this.#hashes, filled)
    parcel.put(first)
    if (!inARow)
      for (let i = 1; i < filled; i++) parcel.put(this.#sequences[this.#placeOf(i, filled)]!)
    if (!ofOneEpoch) for (let slot = 0; slot < filled; slot++) parcel.put(this.#epochs[slot]!)
  }

  unpack(parcel: Parcel, epoch: number): void {
    this.#next = parcel.take()
    const filled = parcel.take()
    const usual = parcel.take()
    parcel.takeWords(this.#hashes, filled)
    const first = parcel.take()
    const inARow = (usual & IN_A_ROW) !== 0
    for (let i = 0; i < filled; i++)
      this.#sequences[this.#placeOf(i, filled)] =
        inARow || i === 0 ? (first + i) & LAST_SEQUENCE : parcel.take()
    const ofOneEpoch = (usual & OF_ONE_EPOCH) !== 0
    for (let slot = 0; slot < filled; slot++)
      this.#epochs[slot] = ofOneEpoch ? epoch : parcel.take()
    for (let slot = filled; slot < this.#filled; slot++) this.#sequences[slot] = -1
    this.#filled = filled
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
    this.#filled = 0
    for (let i = 0; i + 2 < saved.length; i += 3) {
      this.add(saved[i] ?? 0, saved[i + 1] ?? 0, saved[i + 2] ?? 0)
    }
  }

  /** The slot of the frame that came so many behind the oldest. */
  #placeOf(nth: number, filled: number): number {
    return filled < SLOTS ? nth : (this.#next + nth) % SLOTS
  }
}
