import type { AppendFile, FilePort } from '../../src/journal/index.js'
import type { Agenda } from './agenda.js'
import type { ClientSide } from './sim-connection.js'

/** A disk as one process sees it: everything takes its time, and is answered only while the process runs. */
export function filesOf(
  disk: FilePort,
  agenda: Agenda,
  process: ClientSide,
  latencyMs: () => number,
): FilePort {
  const call = <T>(act: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      agenda.after(latencyMs(), () => {
        act().then(
          (value) => process.enter(() => resolve(value)),
          (error) => process.enter(() => reject(error)),
        )
      })
    })
  return {
    list: (directory) => call(() => disk.list(directory)),
    read: (path) => call(() => disk.read(path)),
    size: (path) => call(() => disk.size(path)),
    free: (directory) => call(() => disk.free(directory)),
    write: (path, bytes) => call(() => disk.write(path, bytes)),
    append: async (path) => appendFile(await call(() => disk.append(path)), call),
    truncate: (path, length) => call(() => disk.truncate(path, length)),
    rename: (from, to) => call(() => disk.rename(from, to)),
    unlink: (path) => call(() => disk.unlink(path)),
    syncDirectory: (directory) => call(() => disk.syncDirectory(directory)),
    makeDirectory: (directory) => call(() => disk.makeDirectory(directory)),
  }
}

const appendFile = (
  file: AppendFile,
  call: <T>(act: () => Promise<T>) => Promise<T>,
): AppendFile => ({
  write: (bytes) => call(() => file.write(bytes)),
  sync: () => call(() => file.sync()),
  close: () => call(() => file.close()),
})
