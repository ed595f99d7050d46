import type { FilePort } from './file-port.js'
import type { JournalEntry } from './journal-entry.js'
import { type ReadSegment, readSegment, type Segment } from './segment-files.js'
import { SegmentReader } from './segment-reader.js'

/** Entries that should be there and are not: damaged, or never written. */
export interface LostRange {
  readonly from: number
  readonly to: number
}

export interface JournalReaderOptions {
  readonly files: FilePort
  /** In order; changes while the journal is written and trimmed. */
  readonly segments: () => readonly Segment[]
  /** Nothing after this is read. */
  readonly committed: () => number
  readonly onLost: (range: LostRange) => void
  readonly onBadSegment: (segment: Segment, read: ReadSegment & { ok: false }) => Promise<void>
}

const MOST_ENTRIES = 4096

/** Reads committed entries in order, also while more are written. */
export class JournalReader {
  readonly #options: JournalReaderOptions
  #at: number
  #open: { readonly segment: Segment; readonly reader: SegmentReader } | undefined

  constructor(options: JournalReaderOptions, after: number) {
    this.#options = options
    this.#at = after
  }

  /** Some of the entries that follow; none where there are no more yet. Never rejects. */
  async next(): Promise<readonly JournalEntry[]> {
    const { segments, onBadSegment } = this.#options
    for (;;) {
      if (this.#open) {
        const entries = this.#take(this.#open.reader)
        if (entries.length > 0) return entries
      }
      const read = this.#open?.segment
      this.#open = undefined
      const segment = this.#following(segments(), read)
      if (!segment) return []
      const { bytes } = segment
      const file = await readSegment(this.#options.files, segment)
      if (!file.ok) {
        await onBadSegment(segment, file)
        continue
      }
      // What is behind the committed bytes is being written.
      const whole = file.bytes.subarray(0, Math.max(bytes, file.headerLength))
      const reader = new SegmentReader(whole, file.headerLength, file.header.first)
      this.#open = { segment, reader }
    }
  }

  /** The segment that holds the next entry, or the first one behind it; never the one that was just read. */
  #following(segments: readonly Segment[], read: Segment | undefined): Segment | undefined {
    if (this.#at >= this.#options.committed()) return undefined
    const after = segments.filter(({ first }) => first > (read?.first ?? 0))
    const holding = after.findLastIndex(({ first }) => first <= this.#at + 1)
    return after[Math.max(holding, 0)]
  }

  #take(reader: SegmentReader): JournalEntry[] {
    const committed = this.#options.committed()
    const entries: JournalEntry[] = []
    while (entries.length < MOST_ENTRIES && reader.last < committed) {
      const entry = reader.next()
      if (!entry || entry.ordinal > committed) break
      if (entry.ordinal <= this.#at) continue
      if (entry.ordinal > this.#at + 1) {
        this.#options.onLost({ from: this.#at + 1, to: entry.ordinal - 1 })
      }
      this.#at = entry.ordinal
      entries.push(entry)
    }
    return entries
  }
}
