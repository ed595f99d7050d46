/** What of one entry has not come to its end. */
interface Open {
  /** To come; one more while the entry itself is being handled. */
  verdicts: number
  /** On their way. */
  publications: number
}

/**
 * Follows entries of the journal from the moment they are decoded until every publication of theirs has settled, and
 * knows up to which of them everything has: what comes after that must be delivered again after a crash.
 */
export class Settlement {
  readonly #onReached: (ordinal: number) => void
  /** In the order of their ordinals, as a map keeps them. */
  readonly #open = new Map<number, Open>()
  #begun: number
  #reached: number

  /** `reached` is where an earlier run stood; `onReached` hears of every step forward. */
  constructor(reached: number, onReached: (ordinal: number) => void) {
    this.#begun = reached
    this.#reached = reached
    this.#onReached = onReached
  }

  /** Every entry up to this one has settled. */
  get reached(): number {
    return this.#reached
  }

  /** How many entries have begun and not settled. */
  get open(): number {
    return this.#open.size
  }

  /** The first entry of which a verdict is still to come; undefined where there is none. */
  get firstAwaiting(): number | undefined {
    for (const [ordinal, { verdicts }] of this.#open) if (verdicts > 0) return ordinal
    return undefined
  }

  /** An entry is being handled; ordinals grow. `end` must follow. */
  begin(ordinal: number): void {
    this.#begun = ordinal
    this.#open.set(ordinal, { verdicts: 1, publications: 0 })
  }

  /** The entry has been handled, and has so many verdicts in all, perhaps some of them later. */
  end(ordinal: number, verdicts: number): void {
    this.#move(ordinal, verdicts - 1, 0)
  }

  /** One verdict of the entry has come, with so many publications; the result is called as each of them settles. */
  verdict(ordinal: number, publications: number): () => void {
    const entry = this.#open.get(ordinal)
    this.#move(ordinal, -1, publications)
    return () => {
      // After a rewind another handling of the entry counts.
      if (entry !== undefined && this.#open.get(ordinal) === entry) this.#move(ordinal, 0, -1)
    }
  }

  /** Forgets all after this entry that has not settled: it will begin again. */
  rewind(to = this.#reached): void {
    for (const ordinal of [...this.#open.keys()]) if (ordinal > to) this.#open.delete(ordinal)
    this.#begun = Math.min(this.#begun, to)
    this.#advance()
  }

  #move(ordinal: number, verdicts: number, publications: number): void {
    const entry = this.#open.get(ordinal)
    if (!entry) return
    entry.verdicts += verdicts
    entry.publications += publications
    if (isOver(entry)) this.#advance()
  }

  #advance(): void {
    let reached = this.#begun
    for (const [ordinal, entry] of this.#open) {
      if (!isOver(entry)) {
        reached = ordinal - 1
        break
      }
      this.#open.delete(ordinal)
    }
    if (reached <= this.#reached) return
    this.#reached = reached
    this.#onReached(reached)
  }
}

const isOver = ({ verdicts, publications }: Open): boolean => verdicts === 0 && publications === 0
