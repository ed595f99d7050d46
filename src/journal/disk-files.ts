import { constants } from 'node:fs'
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  statfs,
  truncate,
  unlink,
} from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fewAtATime } from './few-at-a-time.js'
import { errorCode, type FilePort } from './file-port.js'

const OWNER_ONLY_FILE = 0o600
const OWNER_ONLY_DIRECTORY = 0o700

/** Some file systems (FAT, network shares) cannot sync a directory: they keep its names as well as they can. */
const CANNOT_SYNC_DIRECTORIES: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'])

const disk: FilePort = {
  list: (directory) => readdir(directory),
  read: (path) => readFile(path),
  size: async (path) => (await stat(path)).size,

  async free(directory) {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  },

  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),

  async write(path, bytes) {
    // Never an old file again: after a failed sync its lost pages would count as written.
    const file = await open(path, 'wx', OWNER_ONLY_FILE)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },

  async append(path) {
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND)
    return {
      write: (bytes) => file.writeFile(bytes),
      sync: () => file.datasync(),
      close: () => file.close(),
    }
  },

  truncate: (path, length) => truncate(path, length),

  async syncDirectory(directory) {
    const handle = await open(directory, 'r')
    try {
      await handle.sync()
    } catch (error) {
      if (!CANNOT_SYNC_DIRECTORIES.has(errorCode(error))) throw error
    } finally {
      await handle.close()
    }
  },

  async makeDirectory(directory) {
    const first = await mkdir(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY })
    if (first === undefined) return
    // Each new name is durable once the directory that it stands in is synced.
    const last = dirname(resolve(first))
    for (let parent = resolve(directory); parent !== last; ) {
      parent = dirname(parent)
      await disk.syncDirectory(parent)
    }
  },
}

/** The disk itself, for all of the process. */
export const diskFiles: FilePort = fewAtATime(disk)
