import type { JournalEntry } from './journal-entry.js'

/** An entry that waits for the disk. */
export interface Waiting {
  readonly entry: JournalEntry
  /** Somebody waits for it to be safe. */
  readonly taken: (() => void) | undefined
  /** The entry was passed on before it was safe. */
  passedOn: boolean
}

/** What an entry costs in memory beside a frame's bytes; a device's state is about so large. */
const ENTRY_BYTES = 256
const STATE_BYTES = 4096

/** Entries on their way to the disk, in order. */
export class WaitingEntries {
  #entries: Waiting[] = []
  #bytes = 0

  get count(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  push(waiting: Waiting): void {
    this.#entries.push(waiting)
    this.#bytes += sizeOf(waiting)
  }

  /** All of them; nothing waits afterwards. */
  take(): readonly Waiting[] {
    const entries = this.#entries
    this.#entries = []
    this.#bytes = 0
    return entries
  }

  /** What was taken, but could not be written. */
  putBack(entries: readonly Waiting[]): void {
    this.#entries = [...entries, ...this.#entries]
    for (const waiting of entries) this.#bytes += sizeOf(waiting)
  }

  get arePassedOn(): boolean {
    return this.#entries.every(isPassedOn)
  }

  /** The entries that were not passed on yet: they count as passed on from here. */
  passOn(): JournalEntry[] {
    return freshOf(this.#entries)
  }
}

export const isPassedOn = ({ passedOn }: Waiting): boolean => passedOn

/** The entries that were not passed on yet: they count as passed on from here. */
export function freshOf(waiting: readonly Waiting[]): JournalEntry[] {
  const fresh: JournalEntry[] = []
  for (const one of waiting) {
    if (one.passedOn) continue
    one.passedOn = true
    fresh.push(one.entry)
  }
  return fresh
}

function sizeOf({ entry }: Waiting): number {
  if (entry.kind === 'frame') return ENTRY_BYTES + entry.frame.bytes.length
  return entry.kind === 'state' ? STATE_BYTES : ENTRY_BYTES
}
