import type { Clock } from '../clock.js'
import { errorCode, errorMessage } from './file-port.js'
import type { JournalEntry } from './journal-entry.js'
import type { JournalDurability, JournalLimits, JournalState } from './journal-options.js'
import type { CheckpointRecord, JournalWriter } from './journal-writer.js'
import { NamedTimers } from './named-timers.js'
import type { StorySeal } from './story-seal.js'
import { freshOf, isPassedOn, type Waiting, WaitingEntries } from './waiting-entries.js'

export interface GroupCommitOptions {
  readonly writer: JournalWriter
  readonly clock: Clock
  readonly durability: JournalDurability
  readonly limits: JournalLimits
  readonly seal: StorySeal | undefined
  /** Ordinal of the entry that was safe last. */
  readonly committed: number
  /** What there is to say of the checkpoint; undefined where that is written already. */
  readonly checkpoint: () => CheckpointRecord | undefined
  /** The ordinal that the next entry will have. */
  readonly next: () => number
  /** Entries in their order, each once; safe or, while the disk fails, not. */
  readonly onEntries: (entries: readonly JournalEntry[], durable: boolean) => void
  /** What was passed on after an entry and is still in memory; undefined where it does not reach back so far. */
  readonly recent: (after: number) => readonly JournalEntry[] | undefined
  readonly onHole: () => void | Promise<void>
  readonly onState: (state: JournalState) => void
  /** A newer checkpoint is written. */
  readonly onCheckpoint: () => void
}

/** The last of what a disk has to answer in, which a process has begun awake. */
const TURN_MS = 100

/**
 * Writes entries in groups: what comes in while one is written is the next one. While the disk fails or does not answer
 * entries are passed on as soon as the seal is broken, and written when it works again; where that would take too much
 * memory they are given up together.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #waiting = new WaitingEntries()
  readonly #timers: NamedTimers<'retry' | 'sync' | 'checkpoint'>
  /** Ordinal of the last entry that is safe. */
  #committed: number
  #state: JournalState = { kind: 'working' }
  /** Entries were given up since the disk failed. */
  #hole = false
  /** How many wait for states that are to stand in its place. */
  #filling = 0
  /** What is being written. */
  #group: readonly Waiting[] = []
  /** Whether what is not safe may be passed on. */
  #seal: 'whole' | 'breaking' | 'broken' = 'whole'
  /** Nothing was passed on but what is written or waits here. */
  #tellsAll = false
  #busy = false
  #running: Promise<void> | undefined
  /** Says that the group that is being written cannot be waited for; undefined while none is. */
  #giveUpWaiting: (() => void) | undefined
  #isStuck = false
  #flushed: (() => void)[] = []
  /** Who waits until what an earlier run has left is durable. */
  #unsure: (() => void)[] = []
  #due = { checkpoint: false, sync: false }
  #closed = false
  /** What is to be passed on behind what is being passed on now. */
  #passing: { readonly entries: readonly JournalEntry[]; readonly durable: boolean }[] = []
  #isPassing = false
  #counts = { written: 0, unjournaled: 0, commits: 0, failures: 0 }

  constructor(options: GroupCommitOptions) {
    this.#options = options
    this.#committed = options.committed
    if (!options.seal) this.#seal = 'broken'
    this.#timers = new NamedTimers(options.clock)
  }

  get committed(): number {
    return this.#committed
  }

  get state(): JournalState {
    return this.#state
  }

  get counts(): { readonly [name in 'written' | 'unjournaled' | 'commits' | 'failures']: number } {
    return this.#counts
  }

  add(entry: JournalEntry, taken: Waiting['taken']): void {
    if (this.#closed) return
    const { keptEntries, keptBytes, waitingBytes } = this.#options.limits
    if (this.#state.kind === 'working') {
      this.#waiting.push({ entry, taken, passedOn: false })
      if (this.#waiting.bytes > waitingBytes) this.#giveUpWaiting?.()
      this.#run()
      return
    }
    if (this.#seal !== 'broken') {
      this.#waiting.push({ entry, taken, passedOn: false })
      this.#passOnUnsafe()
      return
    }
    if (!this.#hole) this.#waiting.push({ entry, taken, passedOn: true })
    else this.#counts.unjournaled++
    this.#passOn([entry], false)
    if (this.#waiting.count <= keptEntries && this.#waiting.bytes <= keptBytes) return
    // With a part of them the journal would tell another story than what was passed on.
    this.#hole = true
    this.#counts.unjournaled += this.#waiting.take().length
  }

  /** Calls back once what an earlier run has left is durable: mostly at once. */
  confirm(taken: () => void): void {
    if (!this.#options.writer.isUnsure) {
      taken()
      return
    }
    this.#unsure.push(taken)
    this.#run()
  }

  /** What comes in from here on, and what waits, makes the story whole. Resolves once the seal stands, where it can. */
  async tellsAll(): Promise<void> {
    this.#tellsAll = true
    await this.#mend()
  }

  /** There is news of the checkpoint, `by` so many entries; it is written with the next group, or alone within a moment. */
  checkpointSoon(by: number): void {
    if (by >= this.#options.limits.checkpointEntries) {
      this.#due.checkpoint = true
      this.#run()
      return
    }
    this.#timers.arm('checkpoint', this.#options.limits.checkpointMs, () => {
      this.#due.checkpoint = true
      this.#run()
    })
  }

  /** Resolves once what came in so far is written (and durable), or the disk fails. */
  flush(sync = false): Promise<void> {
    if (sync) this.#due = { checkpoint: true, sync }
    if (this.#isStuck) return Promise.resolve()
    return new Promise((resolve) => {
      this.#flushed.push(resolve)
      this.#run()
    })
  }

  /** Resolves once everything that came in is written, and durable, as far as the disk lets it; safe to call twice. */
  async close(): Promise<void> {
    if (!this.#closed) {
      await this.flush(true)
      this.#closed = true
      await this.#running
      await this.#options.writer.close().catch((error: unknown) => this.#fail(error))
    }
    this.#timers.close()
  }

  /** Begins to write what waits, where that is not under way. */
  #run(): void {
    if (this.#busy || this.#closed) return
    this.#busy = true
    this.#running = this.#commitAll()
  }

  get #hasWork(): boolean {
    const { checkpoint, sync } = this.#due
    const isAsked = this.#flushed.length > 0 || this.#unsure.length > 0
    const isDue = checkpoint || sync || isAsked || this.#state.kind === 'failing'
    return !this.#closed && (isDue || this.#waiting.count > 0)
  }

  async #commitAll(): Promise<void> {
    // What comes within the same turn is written together.
    await Promise.resolve()
    while (this.#hasWork) if (!(await this.#commitGroup())) return
    this.#busy = false
  }

  /** Resolves to whether the disk works. */
  async #commitGroup(): Promise<boolean> {
    const { clock, limits } = this.#options
    const group = this.#waiting.take()
    this.#group = group
    const flushed = this.#flushed.splice(0)
    const release = () => {
      for (const resolve of flushed.splice(0)) resolve()
    }
    const giveUpWaiting = () => {
      this.#isStuck = true
      this.#setFailing('ETIMEDOUT', 'the disk does not answer')
      this.#passOnUnsafe()
      flushed.push(...this.#flushed.splice(0))
      release()
    }
    this.#giveUpWaiting = giveUpWaiting
    let cancel = clock.setTimer(limits.stuckMs - TURN_MS, () => {
      // Where the process was held up the answer may have come by now, and stand behind this.
      cancel = clock.setTimer(TURN_MS, giveUpWaiting)
    })
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#write(group)
    } catch (error) {
      failure = { error }
    }
    cancel()
    this.#giveUpWaiting = undefined
    this.#isStuck = false
    this.#group = []
    if (failure) {
      // At once: the next attempt may be asked for before anybody hears of this one.
      this.#busy = false
      this.#putBack(group)
      this.#fail(failure.error)
      flushed.push(...this.#flushed.splice(0))
    } else this.#succeed(group)
    release()
    return failure === undefined
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const { writer, durability, checkpoint, next } = this.#options
    const { sync } = this.#due
    this.#due = { checkpoint: false, sync: false }
    const entries = group.map(({ entry }) => entry)
    const record = checkpoint()
    if (entries.length > 0 || record || writer.isUnsure || this.#state.kind === 'failing') {
      await writer.write(entries, entries[0]?.ordinal ?? next(), record)
    }
    if (record) this.#options.onCheckpoint()
    if (sync || (durability.kind === 'strict' && entries.length > 0)) await writer.sync()
    if (entries.length === 0) return
    if (durability.kind === 'batched') {
      this.#timers.arm('sync', durability.ms, () => {
        this.#due.sync = true
        this.#run()
      })
    }
    this.#counts.commits++
    this.#counts.written += entries.length
  }

  #succeed(group: readonly Waiting[]): void {
    this.#committed = group.at(-1)?.entry.ordinal ?? this.#committed
    for (const { taken } of group) taken?.()
    for (const taken of this.#unsure.splice(0)) taken()
    this.#passOn(freshOf(group), true)
    if (this.#state.kind === 'failing') this.#recover()
    void this.#mend()
  }

  #recover(): void {
    this.#state = { kind: 'working' }
    // Before anything else comes in.
    if (this.#hole) {
      this.#hole = false
      void this.#fillHole()
    }
    this.#options.onState(this.#state)
  }

  async #fillHole(): Promise<void> {
    this.#filling++
    await this.#options.onHole()
    this.#filling--
    void this.#mend()
  }

  /**
   * Nobody waits for the disk any more: what it does not have is passed on, a group that it may yet write as well. Before
   * anything is the seal goes.
   */
  #passOnUnsafe(): void {
    const { seal } = this.#options
    if (!seal || this.#seal === 'broken') {
      this.#passOn([...freshOf(this.#group), ...this.#waiting.passOn()], false)
      return
    }
    const nothing = this.#group.every(isPassedOn) && this.#waiting.arePassedOn
    if (nothing || this.#seal === 'breaking') return
    this.#seal = 'breaking'
    void seal.break().then(() => {
      this.#seal = 'broken'
      if (this.#state.kind === 'failing') this.#passOnUnsafe()
      else void this.#mend()
    })
  }

  /** The seal may stand where all is written that was passed on. */
  async #mend(): Promise<void> {
    const { seal } = this.#options
    const isTold = !this.#hole && this.#filling === 0
    const isWhole = this.#state.kind === 'working' && isTold && this.#waiting.count === 0
    if (!seal || !this.#tellsAll || !isWhole || this.#group.length > 0) return
    if (this.#seal === 'breaking' || (this.#seal === 'whole' && seal.stands)) return
    this.#seal = 'whole'
    await seal.mend()
  }

  /**
   * A group could not be written. `batched`: what was written since the last sync may be gone with it; what of that is
   * still in memory is written again.
   */
  #putBack(group: readonly Waiting[]): void {
    this.#waiting.putBack(group)
    const { durability, writer, recent, limits } = this.#options
    if (durability.kind !== 'batched') return
    const end = Math.min(this.#committed + 1, group[0]?.entry.ordinal ?? Number.POSITIVE_INFINITY)
    const unsure = recent(writer.durable.ordinal)?.filter(({ ordinal }) => ordinal < end) ?? []
    if (unsure.length > limits.keptEntries) return
    this.#waiting.putBack(unsure.map((entry) => ({ entry, taken: undefined, passedOn: true })))
  }

  #fail(error: unknown): void {
    this.#counts.failures++
    this.#setFailing(errorCode(error), errorMessage(error))
    this.#passOnUnsafe()
    this.#timers.arm('retry', this.#options.limits.retryMs, () => this.#run())
  }

  #setFailing(code: string, reason: string): void {
    const before = this.#state.kind
    this.#state = { kind: 'failing', code, reason }
    if (before === 'working') this.#options.onState(this.#state)
  }

  /** What comes in while entries are passed on, such as what was held for one of them, stands behind all of those. */
  #passOn(entries: readonly JournalEntry[], durable: boolean): void {
    if (entries.length === 0) return
    this.#passing.push({ entries, durable })
    if (this.#isPassing) return
    this.#isPassing = true
    try {
      for (let next = this.#passing.shift(); next; next = this.#passing.shift())
        this.#options.onEntries(next.entries, next.durable)
    } finally {
      this.#isPassing = false
    }
  }
}
