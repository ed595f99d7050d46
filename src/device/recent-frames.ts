import type { Parcel } from './parcel.js'

/** A power of two. */
const SLOTS = 16
const LAST_SLOT = SLOTS - 1
const LAST_SEQUENCE = 65_535

/** The last 16 frames of a device by sequence and hash, to tell a repeated delivery from a new frame. */
export class RecentFrames {
  readonly #hashes = new Uint32Array(SLOTS)
  /** Written only where they are not all in a row: then sequence and epoch of each follow from those of the last. */
  readonly #sequences = new Int32Array(SLOTS)
  readonly #epochs = new Float64Array(SLOTS)
  #next = 0
  /** So many slots hold a frame, the first ones. */
  #filled = 0
  #lastSequence = 0
  #lastEpoch = 0
  /** So many of the last ones go on from each other in one epoch. */
  #run = 0

  /**
   * Whether this sequence is among them: with the same bytes, with others, or with the same bytes in an earlier
   * epoch (which a device that repeats itself after a restart may also send anew).
   */
  find(
    sequence: number,
    hash: number,
    epoch: number,
  ): 'same' | 'different' | 'same-before' | undefined {
    // Where they are in a row there is one place where it can be.
    const first = this.#isInARow ? (this.#lastSequence - sequence) & LAST_SEQUENCE : 0
    const end = this.#isInARow ? Math.min(first + 1, this.#filled) : this.#filled
    // The newest first: a sequence may stand here twice.
    for (let back = first; back < end; back++) {
      const slot = (this.#next - 1 - back) & LAST_SLOT
      if (this.#sequenceAt(slot) !== sequence) continue
      const same = this.#hashes[slot] === hash
      if (this.#epochAt(slot) === epoch) return same ? 'same' : 'different'
      if (same) return 'same-before'
    }
    return undefined
  }

  /** Whether a frame of this number came in this epoch. */
  has(sequence: number, epoch: number): boolean {
    for (let slot = 0; slot < this.#filled; slot++) {
      if (this.#sequenceAt(slot) === sequence && this.#epochAt(slot) === epoch) return true
    }
    return false
  }

  add(sequence: number, hash: number, epoch: number): void {
    const goesOn =
      epoch === this.#lastEpoch && sequence === ((this.#lastSequence + 1) & LAST_SEQUENCE)
    if (!goesOn && this.#isInARow) this.#spellOut()
    this.#run = goesOn ? Math.min(this.#run + 1, SLOTS) : 1
    this.#lastSequence = sequence
    this.#lastEpoch = epoch
    const slot = this.#next
    this.#hashes[slot] = hash
    this.#sequences[slot] = sequence
    this.#epochs[slot] = epoch
    this.#next = (slot + 1) & LAST_SLOT
    if (this.#filled < SLOTS) this.#filled++
  }

  /** `epoch` is the one that goes on: most of the frames are of it, and go on from each other. */
  pack(parcel: Parcel, epoch: number): void {
    const filled = this.#filled
    const isUsual = this.#isInARow && this.#lastEpoch === epoch
    parcel.putFlag(isUsual)
    parcel.put(this.#next)
    parcel.put(filled)
    parcel.put(this.#lastSequence)
    parcel.putWords(this.#hashes, filled)
    if (isUsual) return
    parcel.put(this.#lastEpoch)
    parcel.put(this.#run)
    for (let slot = 0; slot < filled; slot++) parcel.put(this.#sequenceAt(slot))
    for (let slot = 0; slot < filled; slot++) parcel.put(this.#epochAt(slot))
  }

  unpack(parcel: Parcel, epoch: number): void {
    const isUsual = parcel.takeFlag()
    this.#next = parcel.take()
    const filled = parcel.take()
    this.#filled = filled
    this.#lastSequence = parcel.take()
    parcel.takeWords(this.#hashes, filled)
    this.#lastEpoch = isUsual ? epoch : parcel.take()
    this.#run = isUsual ? filled : parcel.take()
    if (isUsual) return
    for (let slot = 0; slot < filled; slot++) this.#sequences[slot] = parcel.take()
    for (let slot = 0; slot < filled; slot++) this.#epochs[slot] = parcel.take()
  }

  /** Sequence, hash and epoch of each frame, the oldest first. */
  save(): number[] {
    const saved: number[] = []
    for (let back = this.#filled - 1; back >= 0; back--) {
      const slot = (this.#next - 1 - back) & LAST_SLOT
      saved.push(this.#sequenceAt(slot), this.#hashes[slot]!, this.#epochAt(slot))
    }
    return saved
  }

  restore(saved: readonly number[]): void {
    this.#next = 0
    this.#filled = 0
    this.#run = 0
    for (let i = 0; i + 2 < saved.length; i += 3) {
      this.add(saved[i] ?? 0, saved[i + 1] ?? 0, saved[i + 2] ?? 0)
    }
  }

  /** All of them go on from each other in one epoch. */
  get #isInARow(): boolean {
    return this.#run >= this.#filled
  }

  #sequenceAt(slot: number): number {
    return this.#isInARow
      ? (this.#lastSequence - this.#backAt(slot)) & LAST_SEQUENCE
      : this.#sequences[slot]!
  }

  #epochAt(slot: number): number {
    return this.#isInARow ? this.#lastEpoch : this.#epochs[slot]!
  }

  /** How many came after that of this slot. */
  #backAt(slot: number): number {
    return (this.#next - 1 - slot) & LAST_SLOT
  }

  /** Writes down of each what followed from the last one so far. */
  #spellOut(): void {
    for (let slot = 0; slot < this.#filled; slot++) {
      this.#sequences[slot] = this.#sequenceAt(slot)
      this.#epochs[slot] = this.#lastEpoch
    }
  }
}
