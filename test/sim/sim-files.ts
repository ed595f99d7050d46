import type { AppendFile, FilePort } from '../../src/journal/index.js'
import type { DiskStep } from '../support/sim-disk.js'
import type { Agenda } from './agenda.js'
import type { ClientSide } from './sim-connection.js'

type Call = <T>(step: DiskStep, path: string, act: () => Promise<T>) => Promise<T>

/** A disk as one process sees it: everything takes its time, and is answered only while the process runs. */
export function filesOf(
  disk: FilePort,
  agenda: Agenda,
  process: ClientSide,
  latencyMs: (step: DiskStep, path: string) => number,
): FilePort {
  const call: Call = (step, path, act) =>
    new Promise((resolve, reject) => {
      agenda.after(latencyMs(step, path), () => {
        act().then(
          (value) => process.enter(() => resolve(value)),
          (error) => process.enter(() => reject(error)),
        )
      })
    })
  return {
    list: (directory) => call('list', directory, () => disk.list(directory)),
    read: (path) => call('read', path, () => disk.read(path)),
    size: (path) => call('size', path, () => disk.size(path)),
    free: (directory) => call('free', directory, () => disk.free(directory)),
    write: (path, bytes) => call('write', path, () => disk.write(path, bytes)),
    append: async (path) =>
      appendFile(path, await call('append', path, () => disk.append(path)), call),
    truncate: (path, length) => call('truncate', path, () => disk.truncate(path, length)),
    rename: (from, to) => call('rename', from, () => disk.rename(from, to)),
    unlink: (path) => call('unlink', path, () => disk.unlink(path)),
    syncDirectory: (directory) =>
      call('syncDirectory', directory, () => disk.syncDirectory(directory)),
    makeDirectory: (directory) =>
      call('makeDirectory', directory, () => disk.makeDirectory(directory)),
  }
}

const appendFile = (path: string, file: AppendFile, call: Call): AppendFile => ({
  write: (bytes) => call('fill', path, () => file.write(bytes)),
  sync: () => call('sync', path, () => file.sync()),
  close: () => call('close', path, () => file.close()),
})
