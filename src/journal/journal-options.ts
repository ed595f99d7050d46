import type { Clock } from '../clock.js'
import type { FilePort } from './file-port.js'
import type { FoundJournal } from './find-journal.js'
import type { JournalEntry } from './journal-entry.js'
import type { LostRange } from './journal-reader.js'
import type { DamagedFile } from './set-aside.js'
import type { StorySeal } from './story-seal.js'

/** When a frame counts as safe: once the disk has it; once the system has it; or the latter, and the disk every so often. */
export type JournalDurability =
  | { readonly kind: 'strict' }
  | { readonly kind: 'os' }
  | { readonly kind: 'batched'; readonly ms: number }

export type JournalState =
  | { readonly kind: 'working' }
  | { readonly kind: 'failing'; readonly code: string; readonly reason: string }

export interface JournalHandlers {
  /**
   * Entries in their order, each once: they are safe, or the disk fails and they are in memory only (`durable` false).
   */
  onEntries(entries: readonly JournalEntry[], durable: boolean): void
  /**
   * The disk works again, but entries were given up: who needs a whole story has to append states now, and nothing else
   * before they are all there, which is when what it returns resolves.
   */
  onHole(): void | Promise<void>
  onState(state: JournalState): void
  /** A newer checkpoint is written. */
  onCheckpoint?(): void
  /** A segment could not be read and was set aside. */
  onDamaged(file: DamagedFile): void
  /** Entries that were to be read are not there; each is said once. */
  onLost(range: LostRange): void
}

export interface JournalOptions {
  /** Is there, and is this process's own (`StateDirectoryLock`). */
  readonly directory: string
  readonly files: FilePort
  readonly clock: Clock
  readonly durability: JournalDurability
  /** Of all segments together. */
  readonly maxBytes: number
  readonly found: FoundJournal
  /** Ordinals go on behind this one, whatever was found: a snapshot may be newer than the journal. */
  readonly after: number
  /** Which start of the machine this is, and how long ago it was, in milliseconds. */
  readonly boot: { readonly id: string; uptimeMs(): number }
  readonly handlers: JournalHandlers
  /** Broken before anything is passed on that the disk does not have; without one nobody can tell afterwards. */
  readonly seal?: StorySeal | undefined
  readonly limits?: Partial<JournalLimits>
}

export interface JournalLimits {
  readonly segmentBytes: number
  /** What is kept in memory for a disk that fails. */
  readonly keptEntries: number
  readonly keptBytes: number
  readonly retryMs: number
  /** A commit that takes longer, or lets more than this wait behind it, counts as a failure until it is over. */
  readonly stuckMs: number
  readonly waitingBytes: number
  readonly checkpointMs: number
  /** So much news of the checkpoint does not wait: what has settled since is published again after a crash. */
  readonly checkpointEntries: number
}

export const defaultJournalLimits: JournalLimits = Object.freeze({
  segmentBytes: 8 * 1024 * 1024,
  keptEntries: 1000,
  keptBytes: 4 * 1024 * 1024,
  retryMs: 2000,
  stuckMs: 10_000,
  waitingBytes: 16 * 1024 * 1024,
  checkpointMs: 100,
  checkpointEntries: 128,
})

export interface JournalCounters {
  /** Entries that were written. */
  readonly written: number
  /** Entries that were passed on while the disk failed, and are not in the journal. */
  readonly unjournaled: number
  readonly commits: number
  readonly failures: number
  /** Entries that should have been there to be read and were not. */
  readonly lost: number
}
