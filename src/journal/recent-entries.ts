import type { JournalEntry } from './journal-entry.js'

const KEPT = 4096
const MOST = 1.25 * KEPT

/** The newest entries, so that who reads the journal can catch up with it in one step. */
export class RecentEntries {
  #entries: JournalEntry[] = []

  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#entries.push(entry)
    // Not at every call: what is cut is copied.
    if (this.#entries.length > MOST) this.#entries = this.#entries.slice(-KEPT)
  }

  /** All entries after this one up to `newest`, which is the newest that was added; undefined where they are not all here. */
  after(ordinal: number, newest: number): readonly JournalEntry[] | undefined {
    if (ordinal >= newest) return []
    const first = this.#entries[0]
    if (!first || first.ordinal > ordinal + 1) return undefined
    return this.#entries.slice(ordinal + 1 - first.ordinal)
  }

  /** All that are here of those after this one. */
  rest(ordinal: number): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.ordinal > ordinal)
  }
}
