import type { BucketPolicy } from './token-bucket.js'

/** A time in which senders could not reach us, and kept what they had to say: it comes all at once. */
export interface Absence {
  readonly ms: number
  /** Monotonic milliseconds: by then what was kept has come. */
  readonly until: number
}

/** An absence of which so many tokens are left. */
export interface SpentAbsence {
  readonly absence: Absence
  readonly left: number
}

/** Nobody keeps more than so long a time brings, and whatever was kept has come after as long. */
const LONGEST_MS = 600_000

/** An absence that ends at `now` and began at `since`; undefined where nobody knows how long it was. */
export const absenceOf = (since: number | undefined, now: number): Absence => ({
  ms: Math.min(LONGEST_MS, now - (since ?? Number.NEGATIVE_INFINITY)),
  until: now + LONGEST_MS,
})

/**
 * What a bucket would have let through during an absence, beside what it holds: who keeps to the rate loses nothing by
 * it, and a flood gains no more than it could have sent in that time.
 */
export class MissedTokens {
  #absence: Absence | undefined
  #left = 0

  /** What was taken, and of which absence; a copy. */
  save(): SpentAbsence | undefined {
    return this.#absence && { absence: this.#absence, left: this.#left }
  }

  restore(spent: SpentAbsence | undefined): void {
    this.#absence = spent?.absence
    this.#left = spent?.left ?? 0
  }

  /** Takes a token of an absence, where it has one left. */
  take(absence: Absence, now: number, { perSecond }: BucketPolicy): boolean {
    if (now >= absence.until) return false
    if (absence !== this.#absence) {
      this.#absence = absence
      this.#left = Math.floor((absence.ms / 1000) * perSecond)
    }
    if (this.#left === 0) return false
    this.#left--
    return true
  }
}
