import type { Frame } from '../framing/index.js'
import { printExact } from './exact-json.js'
import { GroupCommit } from './group-commit.js'
import type { NewEntry } from './journal-entry.js'
import {
  defaultJournalLimits,
  type JournalCounters,
  type JournalOptions,
  type JournalState,
} from './journal-options.js'
import { JournalReader } from './journal-reader.js'
import { type CheckpointRecord, JournalWriter } from './journal-writer.js'
import { RecentEntries } from './recent-entries.js'
import { rejectSegment } from './segment-files.js'

/** A small journal has several segments too, so that a part of it can go. */
const LEAST_SEGMENTS = 8

/**
 * The append-only journal: entries are numbered, written in groups, and passed on once they are safe. A disk that
 * fails never stops the bridge: then entries are passed on all the same, as not durable, and what the limits allow is
 * written later.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #writer: JournalWriter
  readonly #commits: GroupCommit
  readonly #recent = new RecentEntries()
  /** Ordinal that was given last, and of the entry that was passed on last. */
  #last: number
  #passedOn: number
  /** Every entry up to this one has settled. */
  #reached: number
  /** Entries up to this one were said to be lost. */
  #lostTo = 0
  #lost = 0

  constructor(options: JournalOptions) {
    const { directory, files, clock, durability, maxBytes, found, after, boot, seal, handlers } =
      options
    this.#options = options
    const limits = { ...defaultJournalLimits, ...options.limits }
    this.#last = Math.max(found.lastOrdinal, found.checkpoint, after)
    this.#passedOn = this.#last
    this.#reached = found.checkpoint
    this.#writer = new JournalWriter({
      directory,
      files,
      segments: found.segments,
      unsure: found.unsure,
      segmentBytes: Math.min(limits.segmentBytes, Math.ceil(maxBytes / LEAST_SEGMENTS)),
      checkpoint: found.checkpoint,
      lastOrdinal: this.#last,
      header: (first) => ({
        first,
        checkpoint: this.#reached,
        mono: clock.mono(),
        wall: clock.wall(),
        uptimeMs: boot.uptimeMs(),
        bootId: boot.id,
      }),
    })
    this.#commits = new GroupCommit({
      writer: this.#writer,
      clock,
      durability,
      limits,
      seal,
      committed: this.#last,
      checkpoint: () => this.#checkpointNews(),
      next: () => this.#last + 1,
      recent: (ordinal) => this.recent(ordinal),
      onEntries: (entries, durable) => {
        this.#recent.add(entries)
        this.#passedOn = entries.at(-1)?.ordinal ?? this.#passedOn
        handlers.onEntries(entries, durable)
      },
      onHole: () => handlers.onHole(),
      onState: (state) => handlers.onState(state),
      onCheckpoint: () => handlers.onCheckpoint?.(),
    })
  }

  /** Nothing before this entry can be read. */
  get firstOrdinal(): number {
    return this.#writer.segments[0]?.first ?? this.#last + 1
  }

  /** Of the entry that was passed on last. */
  get lastOrdinal(): number {
    return this.#passedOn
  }

  /** Everything that came in was passed on. */
  get idle(): boolean {
    return this.#last === this.#passedOn
  }

  get state(): JournalState {
    return this.#commits.state
  }

  /** How much of its room is used; above 1 something has to go. */
  get fill(): number {
    return this.#writer.bytes / this.#options.maxBytes
  }

  /** Entries that came in and are not in the journal. */
  get unwritten(): number {
    return this.#last - this.#commits.committed
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#writer.bytes
  }

  /** The newest checkpoint that no loss of power takes back: what only served to decode up to there may go. */
  get settled(): number {
    return this.#writer.durable.checkpoint
  }

  /** Takes a frame in; `taken` comes once it is safe. */
  append(frame: Frame, taken?: () => void): void {
    const ordinal = ++this.#last
    const { device, bytes, mono, wall, integrity, source } = frame
    // measured: a spread doubles what a frame costs here (`bench/journal.ts`).
    const numbered = { device, bytes, mono, wall, integrity, source, ordinal }
    this.#commits.add({ kind: 'frame', ordinal, mono, wall, frame: numbered }, taken)
  }

  /** What an earlier run has left was taken in before: `taken` comes once no loss of power takes it back. */
  confirm(taken: () => void): void {
    this.#commits.confirm(taken)
  }

  /** Takes in what is no frame, as `append` does; throws a `TypeError` where a state or an order is not like JSON. */
  note(entry: NewEntry, taken?: () => void): void {
    // Here, not when it is written: the disk would have to answer for it, again and again.
    if (entry.kind === 'state') printExact(entry.state)
    if (entry.kind === 'order') printExact(entry.order)
    this.#commits.add({ ...entry, ordinal: ++this.#last }, taken)
  }

  /** What came in before this call and what comes after it is all that was ever passed on: the seal may stand. */
  tellsAll(): Promise<void> {
    return this.#commits.tellsAll()
  }

  /** Reads what was committed after an entry, from the disk. */
  read(after: number): JournalReader {
    const { files, directory, handlers } = this.#options
    return new JournalReader(
      {
        files,
        segments: () => this.#writer.segments,
        committed: () => this.#commits.committed,
        onLost: ({ from, to }) => this.#sayLost(from, to),
        onBadSegment: async (segment, read) => {
          this.#writer.forget(segment)
          const file = await rejectSegment(files, directory, segment, read)
          if (file) handlers.onDamaged(file)
        },
      },
      after,
    )
  }

  /** What was passed on after an entry, from memory; undefined where that does not reach back so far. */
  recent(after: number): ReturnType<RecentEntries['after']> {
    return this.#recent.after(after, this.#passedOn)
  }

  /** What of that is in memory, where nothing else is to be read: ordinals that no entry has lie between. */
  rest(after: number): ReturnType<RecentEntries['rest']> {
    return this.#recent.rest(after)
  }

  /** Every entry up to this one has settled; written within a moment. Never goes back. */
  checkpoint(ordinal: number): void {
    if (ordinal <= this.#reached) return
    this.#reached = ordinal
    this.#commits.checkpointSoon(ordinal - this.#writer.written.checkpoint)
  }

  /** The checkpoint as a crash would leave it: what settles behind it is published again. */
  get checkpointWritten(): number {
    return this.#writer.written.checkpoint
  }

  /** Makes the checkpoint durable, as far as the disk lets it. */
  async settle(): Promise<void> {
    if (this.settled < this.#reached) await this.#commits.flush(true)
  }

  /** Removes what holds nothing after this entry, and nothing that has not settled for certain. */
  async trim(keepAfter: number): Promise<void> {
    await this.#writer.trim(Math.min(keepAfter, this.settled))
  }

  /** Resolves once what came in so far is written, or the disk fails. */
  flush(): Promise<void> {
    return this.#commits.flush()
  }

  counters(): JournalCounters {
    return { ...this.#commits.counts, lost: this.#lost }
  }

  /** Resolves once everything that came in is written, and durable, as far as the disk lets it; safe to call twice. */
  close(): Promise<void> {
    return this.#commits.close()
  }

  #checkpointNews(): CheckpointRecord | undefined {
    const reached = this.#reached
    if (reached <= this.#writer.written.checkpoint) return undefined
    const { clock } = this.#options
    return { reached, mono: clock.mono(), wall: clock.wall() }
  }

  #sayLost(from: number, to: number): void {
    const unsaid = Math.max(from, this.#lostTo + 1)
    if (unsaid > to) return
    this.#lostTo = to
    this.#lost += to - unsaid + 1
    this.#options.handlers.onLost({ from: unsaid, to })
  }
}
