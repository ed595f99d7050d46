export { diskFiles } from './disk-files.js'
export type { FilePort } from './file-port.js'
export type { Damage, Snapshot } from './snapshot.js'
export {
  type DamagedFile,
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
