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
  /** Leaves the segment out of `segments` from then on. */
  readonly onBadSegment: (segment: Segment, read: ReadSegment & { ok: false }) => Promise<void>
}

const MOST_ENTRIES = 4096

/** A segment as it was when it was read. */
interface Open {
  readonly segment: Segment
  /** So much of it counted. */
  readonly bytes: number
  readonly reader: SegmentReader
}

/** Reads committed entries in order, also while more are written. */
export class JournalReader {
  readonly #options: JournalReaderOptions
  #at: number
  #open: Open | undefined

  constructor(options: JournalReaderOptions, after: number) {
    this.#options = options
    this.#at = after
  }

  /** Some of the entries that follow; none where there are no more yet. Never rejects. */
  async next(): Promise<readonly JournalEntry[]> {
    for (;;) {
      const entries = this.#open ? this.#take(this.#open) : []
      if (entries.length > 0) return entries
      const committed = this.#options.committed()
      if (this.#at >= committed) return []
      const segment = this.#following()
      if (!segment) {
        this.#goTo(committed + 1)
        this.#at = committed
        return []
      }
      await this.#read(segment)
    }
  }

  /** The segment to read now: the open one where it has grown, else the one that holds the next entry, or the first behind it. */
  #following(): Segment | undefined {
    const segments = this.#options.segments()
    const open = this.#open
    if (open && open.segment.bytes > open.bytes && segments.includes(open.segment)) {
      return open.segment
    }
    const after = segments.filter(({ first }) => first > (open?.segment.first ?? 0))
    const holding = after.findLastIndex(({ first }) => first <= this.#at + 1)
    return after[Math.max(holding, 0)]
  }

  async #read(segment: Segment): Promise<void> {
    const { files, onBadSegment } = this.#options
    const { bytes } = segment
    const read = await readSegment(files, segment)
    if (!read.ok) {
      await onBadSegment(segment, read)
      return
    }
    // What is behind the bytes that count is being written.
    const whole = read.bytes.subarray(0, bytes)
    const start = this.#open?.segment === segment ? this.#open.reader.end : read.headerLength
    const reader = new SegmentReader(whole, Math.min(start, bytes), segment.first - 1)
    this.#open = { segment, bytes, reader }
  }

  #take({ segment, reader }: Open): JournalEntry[] {
    const last = Math.min(this.#options.committed(), this.#lastIn(segment))
    const entries: JournalEntry[] = []
    while (entries.length < MOST_ENTRIES && this.#at < last) {
      const entry = reader.next()
      if (!entry) break
      if (entry.ordinal > last) {
        // Written, not yet safe: it is read again once it is.
        reader.back()
        break
      }
      if (entry.ordinal <= this.#at) continue
      this.#goTo(entry.ordinal)
      entries.push(entry)
    }
    return entries
  }

  /** What a segment holds of the next one's entries is the rest of a group that failed, and may be torn. */
  #lastIn({ first }: Segment): number {
    const next = this.#options.segments().find((other) => other.first > first)
    return (next?.first ?? Number.POSITIVE_INFINITY) - 1
  }

  /** The next entry is this one: what is between was there once. */
  #goTo(ordinal: number): void {
    if (ordinal > this.#at + 1) this.#options.onLost({ from: this.#at + 1, to: ordinal - 1 })
    this.#at = ordinal
  }
}
