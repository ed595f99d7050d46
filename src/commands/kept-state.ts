import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import {
  createStateDirectory,
  diskFiles,
  type FilePort,
  type Snapshot,
  SnapshotStore,
  StateDirectoryLock,
  StateError,
  stateDirectory,
} from '../journal/index.js'
import { type CommandIo, Exit } from './io.js'

/** Where the state lives: as `run` finds it. */
export function stateDirectoryOf(
  stateDir: string | undefined,
  { stateDir: configured }: Configuration,
  io: CommandIo,
): string {
  const where = {
    cwd: io.cwd,
    ...(stateDir !== undefined && { option: stateDir }),
    ...(configured !== undefined && { configured }),
  }
  return stateDirectory(where, io.env)
}

/** The disk to one who may run beside a bridge: nothing is set aside, cleared up or written. */
const readOnlyFiles: FilePort = {
  list: diskFiles.list,
  read: diskFiles.read,
  write: refuse,
  rename: refuse,
  unlink: refuse,
  syncDirectory: refuse,
  makeDirectory: refuse,
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('only looked at'))
}

/** What is kept of all devices, as a bridge saved it last; whether one runs makes no difference. */
export async function lookAtState(
  directory: string,
  clock: Clock,
  io: CommandIo,
): Promise<Snapshot | undefined> {
  const store = new SnapshotStore({ directory, files: readOnlyFiles, clock })
  return loaded(store, io)
}

/**
 * Works on the state of a bridge that is stopped: `work` gets what is kept, and a way to replace it. Resolves to
 * its exit code, or to 74 where the directory is another's or the disk does not give it.
 */
export async function withState(
  directory: string,
  clock: Clock,
  io: CommandIo,
  work: (
    kept: Snapshot | undefined,
    replace: (devices: ReadonlyMap<string, unknown>) => Promise<number>,
  ) => Promise<number>,
): Promise<number> {
  const lock = new StateDirectoryLock({ directory, clock })
  const store = new SnapshotStore({ directory, files: diskFiles, clock })
  try {
    await createStateDirectory(diskFiles, directory)
    await lock.acquire()
    const kept = await loaded(store, io)
    return await work(kept, async (devices) => {
      const ordinal = store.newestOrdinal + 1
      const outcome = await store.save({ ordinal, wall: clock.wall(), devices })
      if (outcome.ok) return Exit.ok
      io.stderr(`the state was not saved: ${outcome.message}\n`)
      return Exit.ioError
    })
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    io.stderr(`${error.message}\n`)
    return Exit.ioError
  } finally {
    await lock.release()
  }
}

async function loaded(store: SnapshotStore, io: CommandIo): Promise<Snapshot | undefined> {
  const { snapshot, damaged } = await store.load()
  for (const { name, message, keptAs } of damaged) {
    const where = keptAs === undefined ? '' : `; it is now ${keptAs}`
    io.stderr(`warning: ${name} in the state directory is not usable: ${message}${where}\n`)
  }
  return snapshot
}
