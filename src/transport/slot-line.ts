/** No slot. */
const NONE = -1

/**
 * Entries in the order of their arrival, each of which can be taken out at once by its slot; a slot is used again.
 *
 * measured: a `Map` in which entries come and go makes a new table for every few of them. A table that has become old keeps
 * the next one alive, and that one the next, with all that was in them: of each publication 2 KB lived until the next
 * collection of old garbage. And to find the first of a map takes longer the more were deleted before it.
 */
export class SlotLine<T> {
  readonly #entries: (T | undefined)[] = []
  /** By slot: the one that came next. Of a free slot: the next free one. */
  readonly #newer: number[] = []
  readonly #older: number[] = []
  #oldest = NONE
  #newest = NONE
  #free = NONE
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The oldest. */
  get first(): T | undefined {
    return this.#entries[this.#oldest]
  }

  at(slot: number): T | undefined {
    return this.#entries[slot]
  }

  /** Returns its slot, good until it is removed. */
  add(entry: T): number {
    const slot = this.#free === NONE ? this.#entries.length : this.#free
    if (slot === this.#free) this.#free = this.#newer[slot]!
    this.#entries[slot] = entry
    this.#newer[slot] = NONE
    this.#older[slot] = this.#newest
    if (this.#newest === NONE) this.#oldest = slot
    else this.#newer[this.#newest] = slot
    this.#newest = slot
    this.#size++
    return slot
  }

  /** Nothing changes where the slot is free. */
  remove(slot: number): void {
    if (this.#entries[slot] === undefined) return
    const newer = this.#newer[slot]!
    const older = this.#older[slot]!
    if (older === NONE) this.#oldest = newer
    else this.#newer[older] = newer
    if (newer === NONE) this.#newest = older
    else this.#older[newer] = older
    this.#entries[slot] = undefined
    this.#newer[slot] = this.#free
    this.#free = slot
    this.#size--
  }

  /** Whether it is true of one of them. */
  some(isTrue: (entry: T) => boolean): boolean {
    return this.#entries.some((entry) => entry !== undefined && isTrue(entry))
  }

  /** Takes all of them out, the oldest first. */
  drain(): T[] {
    const all: T[] = []
    for (let first = this.first; first !== undefined; first = this.first) {
      all.push(first)
      this.remove(this.#oldest)
    }
    return all
  }
}
