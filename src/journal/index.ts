export { CaptureFiles, type CreatedCapture } from './capture-files.js'
export { type DeadLetter, DeadLetters } from './dead-letters.js'
export { diskFiles } from './disk-files.js'
export { parseExact, printExact } from './exact-json.js'
export type { AppendFile, FilePort } from './file-port.js'
export {
  type FoundJournal,
  findDoubtfulJournal,
  findJournal,
  type LastTime,
} from './find-journal.js'
export { Journal } from './journal.js'
export type {
  DroppedEntry,
  FrameEntry,
  JournalEntry,
  NewEntry,
  OrderEntry,
  StateEntry,
} from './journal-entry.js'
export {
  defaultJournalLimits,
  type JournalCounters,
  type JournalDurability,
  type JournalHandlers,
  type JournalLimits,
  type JournalOptions,
  type JournalState,
} from './journal-options.js'
export type { JournalReader, LostRange } from './journal-reader.js'
export type { DamagedFile } from './set-aside.js'
export type { Damage, Snapshot } from './snapshot.js'
export {
  type LoadedState,
  type SaveOutcome,
  SnapshotStore,
  type SnapshotStoreOptions,
} from './snapshot-store.js'
export { Snapshotter, type SnapshotterOptions } from './snapshotter.js'
export {
  createStateDirectory,
  type StateDirectoryOptions,
  stateDirectory,
} from './state-directory.js'
export { StateDirectoryLock, type StateDirectoryLockOptions } from './state-directory-lock.js'
export { StateError, type StateErrorCode } from './state-error.js'
export { StateFile, type StateFileOptions } from './state-file.js'
export { StorySeal } from './story-seal.js'
export {
  type ThinnedFile,
  type ThinnedLine,
  type ThinnedOutcome,
  ThinnedReadings,
  type ThinnedReadingsOptions,
} from './thinned-readings.js'
