import type { Undo } from '../clock.js'
import type { Frame } from '../framing/index.js'
import { errorCode, errorMessage } from './file-port.js'
import type { NewEntry } from './journal-entry.js'
import {
  defaultJournalLimits,
  type JournalCounters,
  type JournalLimits,
  type JournalOptions,
  type JournalState,
} from './journal-options.js'
import { JournalReader } from './journal-reader.js'
import { JournalWriter } from './journal-writer.js'
import { RecentEntries } from './recent-entries.js'
import { rejectSegment } from './segment-files.js'
import { freshOf, type Waiting, WaitingEntries } from './waiting-entries.js'

/** A small journal has several segments too, so that a part of it can go. */
const LEAST_SEGMENTS = 8

/**
 * The append-only journal: entries are numbered, written in groups, and passed on once they are safe. A disk that
 * fails never stops the bridge: then entries are passed on all the same, as not durable, and what the limits allow is
 * written later.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #limits: JournalLimits
  readonly #writer: JournalWriter
  readonly #recent = new RecentEntries()
  readonly #waiting = new WaitingEntries()
  /** Ordinal that was given last, of the entry that was passed on last, and of the last that is written. */
  #last: number
  #passedOn: number
  #committed: number
  #state: JournalState = { kind: 'working' }
  /** Entries were given up since the disk failed. */
  #hole = false
  #running: Promise<void> | undefined
  #timers = new Map<'retry' | 'sync' | 'checkpoint', Undo>()
  #closed = false
  #reached: number
  #reachedWritten: number
  #checkpointDue = false
  #counts = { written: 0, unjournaled: 0, commits: 0, failures: 0, lost: 0 }

  constructor(options: JournalOptions) {
    const { directory, files, clock, maxBytes, found, after, boot } = options
    this.#options = options
    const limits = { ...defaultJournalLimits, ...options.limits }
    const segmentBytes = Math.min(limits.segmentBytes, Math.ceil(maxBytes / LEAST_SEGMENTS))
    this.#limits = { ...limits, segmentBytes }
    this.#last = Math.max(found.lastOrdinal, found.checkpoint, after)
    this.#passedOn = this.#last
    this.#committed = this.#last
    this.#reached = found.checkpoint
    this.#reachedWritten = found.checkpoint
    this.#writer = new JournalWriter({
      directory,
      files,
      segments: found.segments,
      segmentBytes,
      header: (first) => ({
        first,
        checkpoint: this.#reached,
        mono: clock.mono(),
        wall: clock.wall(),
        uptimeMs: boot.uptimeMs(),
        bootId: boot.id,
      }),
    })
  }

  /** Of the entry that was passed on last. */
  get lastOrdinal(): number {
    return this.#passedOn
  }

  get state(): JournalState {
    return this.#state
  }

  /** How much of its room is used; above 1 something has to go. */
  get fill(): number {
    return this.#writer.bytes / this.#options.maxBytes
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#writer.bytes
  }

  /** Takes a frame in; `taken` comes once it is safe. */
  append(frame: Frame, taken?: () => void): void {
    const ordinal = ++this.#last
    const { mono, wall } = frame
    this.#add({ kind: 'frame', ordinal, mono, wall, frame: { ...frame, ordinal } }, taken)
  }

  /** Takes in what is no frame. */
  note(entry: NewEntry): void {
    this.#add({ ...entry, ordinal: ++this.#last }, undefined)
  }

  /** Reads what was committed after an entry, from the disk. */
  read(after: number): JournalReader {
    const { files, directory, handlers } = this.#options
    return new JournalReader(
      {
        files,
        segments: () => this.#writer.segments,
        committed: () => this.#committed,
        onLost: ({ from, to }) => {
          this.#counts.lost += to - from + 1
        },
        onBadSegment: async (segment, read) => {
          this.#writer.forget(segment)
          handlers.onDamaged(await rejectSegment(files, directory, segment, read))
        },
      },
      after,
    )
  }

  /** What was passed on after an entry, from memory; undefined where that does not reach back so far. */
  recent(after: number): ReturnType<RecentEntries['after']> {
    return this.#recent.after(after, this.#passedOn)
  }

  /** Every entry up to this one has settled; written within a moment. Never goes back. */
  checkpoint(ordinal: number): void {
    if (ordinal <= this.#reached) return
    this.#reached = ordinal
    this.#arm('checkpoint', this.#limits.checkpointMs, () => {
      this.#checkpointDue = true
      this.#run()
    })
  }

  /** Removes what holds nothing after this entry. */
  async trim(keepAfter: number): Promise<void> {
    await this.#writer.trim(keepAfter)
  }

  /** Resolves once what came in so far is written, or the disk fails. */
  async flush(): Promise<void> {
    await this.#running
  }

  counters(): JournalCounters {
    return { ...this.#counts }
  }

  /** Everything that came in is written, and durable, as far as the disk lets it; safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const undo of this.#timers.values()) undo()
    this.#timers.clear()
    await this.#running
    this.#checkpointDue = true
    await this.#commitAll()
    await this.#writer.close().catch((error: unknown) => this.#fail(error))
  }

  #add(entry: Waiting['entry'], taken: Waiting['taken']): void {
    if (this.#state.kind === 'working') {
      this.#waiting.push({ entry, taken, passedOn: false })
      this.#run()
      return
    }
    if (!this.#hole) this.#waiting.push({ entry, taken, passedOn: true })
    else this.#counts.unjournaled++
    this.#passOn([entry], false)
    const { keptEntries, keptBytes } = this.#limits
    if (this.#waiting.count <= keptEntries && this.#waiting.bytes <= keptBytes) return
    // With a part of them the journal would tell another story than what was passed on.
    this.#hole = true
    this.#counts.unjournaled += this.#waiting.take().length
  }

  #passOn(entries: readonly Waiting['entry'][], durable: boolean): void {
    const newest = entries.at(-1)
    if (!newest) return
    this.#recent.add(entries)
    this.#passedOn = newest.ordinal
    this.#options.handlers.onEntries(entries, durable)
  }

  /** Begins to write what waits, where that is not under way. */
  #run(): void {
    if (this.#closed) return
    this.#running ??= this.#commitAll().finally(() => {
      this.#running = undefined
    })
  }

  async #commitAll(): Promise<void> {
    // What comes within the same turn is written together.
    await Promise.resolve()
    while (this.#waiting.count > 0 || this.#checkpointDue || this.#state.kind === 'failing') {
      const batch = this.#waiting.take()
      const cancelStuck = this.#options.clock.setTimer(this.#limits.stuckMs, () => {
        // The batch may yet be written; until then nobody waits for it.
        this.#setState({ kind: 'failing', code: 'ETIMEDOUT', reason: 'the disk does not answer' })
        this.#passOn(freshOf(batch), false)
        this.#passOn(this.#waiting.passOn(), false)
      })
      try {
        await this.#write(batch)
      } catch (error) {
        this.#waiting.putBack(batch)
        this.#fail(error)
        return
      } finally {
        cancelStuck()
      }
      this.#committedAll(batch)
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { clock, durability } = this.#options
    const reached = this.#reached
    this.#checkpointDue = false
    const entries = batch.map(({ entry }) => entry)
    const next = entries[0]?.ordinal ?? this.#last + 1
    const isNews = reached > this.#reachedWritten
    const checkpoint = isNews ? { reached, mono: clock.mono(), wall: clock.wall() } : undefined
    await this.#writer.write(entries, next, checkpoint)
    this.#reachedWritten = reached
    if (batch.length === 0) return
    if (durability.kind === 'strict') await this.#writer.sync()
    if (durability.kind === 'batched') this.#arm('sync', durability.ms, () => this.#sync())
    this.#counts.commits++
    this.#counts.written += batch.length
  }

  #committedAll(batch: readonly Waiting[]): void {
    this.#committed = batch.at(-1)?.entry.ordinal ?? this.#committed
    for (const { taken } of batch) taken?.()
    this.#passOn(freshOf(batch), true)
    if (this.#state.kind === 'working') return
    this.#setState({ kind: 'working' })
    if (!this.#hole) return
    this.#hole = false
    this.#options.handlers.onHole()
  }

  /** `batched`: a failure is one of the whole journal, though what was passed on cannot be taken back. */
  #sync(): void {
    this.#writer.sync().catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#counts.failures++
    this.#setState({ kind: 'failing', code: errorCode(error), reason: errorMessage(error) })
    this.#passOn(this.#waiting.passOn(), false)
    if (!this.#closed) this.#arm('retry', this.#limits.retryMs, () => this.#run())
  }

  #setState(state: JournalState): void {
    const before = this.#state
    this.#state = state
    const same = state.kind === 'failing' && before.kind === 'failing' && state.code === before.code
    if (!same && state.kind !== before.kind) this.#options.handlers.onState(state)
  }

  /** Sets a timer, where that one is not set. */
  #arm(which: 'retry' | 'sync' | 'checkpoint', delayMs: number, fire: () => void): void {
    if (this.#timers.has(which) || this.#closed) return
    const undo = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(which)
      fire()
    })
    this.#timers.set(which, undo)
  }
}
