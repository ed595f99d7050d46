import type { AppendFile, FilePort } from './file-port.js'

/**
 * Node has four threads for whatever waits for the system: the disk, the addresses of names, serial lines and passwords. Two
 * are the disk's and one is the names' (`NameDesk`): where both hang, one is left for the others, or the lines would be deaf.
 */
const MOST = 2

/** The same disk, asked for only so many things at a time; what is more waits for its turn. */
export function fewAtATime(files: FilePort, most = MOST): FilePort {
  const turns = new Turns(most)
  const file = (opened: AppendFile): AppendFile => ({
    write: (bytes) => turns.take(() => opened.write(bytes)),
    sync: () => turns.take(() => opened.sync()),
    close: () => turns.take(() => opened.close()),
  })
  return {
    append: async (path) => file(await turns.take(() => files.append(path))),
    truncate: (...about) => turns.take(() => files.truncate(...about)),
    list: (directory) => turns.take(() => files.list(directory)),
    read: (path) => turns.take(() => files.read(path)),
    size: (path) => turns.take(() => files.size(path)),
    free: (directory) => turns.take(() => files.free(directory)),
    write: (...about) => turns.take(() => files.write(...about)),
    rename: (...about) => turns.take(() => files.rename(...about)),
    unlink: (path) => turns.take(() => files.unlink(path)),
    syncDirectory: (directory) => turns.take(() => files.syncDirectory(directory)),
    makeDirectory: (directory) => turns.take(() => files.makeDirectory(directory)),
  }
}

class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#free = most
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever waits longest has it next.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
