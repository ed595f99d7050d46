import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { discard, errorCode, type FilePort, namesIn } from './file-port.js'

/** Empty; its name alone tells, for a disk that is full still lets a name be changed. */
const WHOLE = 'journal-is-whole'
const BROKEN = 'journal-is-not-whole'
/** A disk that does not answer is not waited for any longer. */
const PATIENCE_MS = 10_000

/**
 * A file that stands as long as the journal holds everything that was passed on. It gets another name before anything is
 * passed on from memory alone: where it does not stand at a start, readings may have left under keys that nothing here
 * tells of.
 */
export class StorySeal {
  readonly #files: FilePort
  readonly #directory: string
  readonly #clock: Clock
  /** Something was passed on that the journal did not have, whether it has anything at all. */
  readonly wasBroken: boolean
  #wanted: boolean
  #stands: boolean
  #work: Promise<void> = Promise.resolve()

  /** Looks whether it stands; changes nothing. */
  static async find(files: FilePort, directory: string, clock: Clock): Promise<StorySeal> {
    const names = await namesIn(files, directory)
    return new StorySeal(files, directory, clock, names)
  }

  private constructor(files: FilePort, directory: string, clock: Clock, names: readonly string[]) {
    this.#files = files
    this.#directory = directory
    this.#clock = clock
    this.#stands = names.includes(WHOLE)
    this.#wanted = this.#stands
    this.wasBroken = !this.#stands && names.includes(BROKEN)
  }

  /** As far as the disk has let us know. */
  get stands(): boolean {
    return this.#stands
  }

  /** Resolves once it is durably gone, or the disk has not let it go within a moment: then there is no help. */
  break(): Promise<void> {
    return this.#want(false, async (whole, broken) => {
      const rename = () => this.#files.rename(whole, broken)
      // What fails once may succeed a moment later; and what cannot be renamed may still go.
      await rename()
        .catch(rename)
        .catch(() => this.#files.unlink(whole))
        .catch(unless('ENOENT'))
    })
  }

  /** Resolves once it durably stands, or the disk has not taken it within a moment. */
  mend(): Promise<void> {
    return this.#want(true, async (whole, broken) => {
      await this.#files.write(whole, new Uint8Array()).catch(unless('EEXIST'))
      await discard(this.#files, broken)
    })
  }

  #want(wanted: boolean, make: (whole: string, broken: string) => Promise<void>): Promise<void> {
    this.#wanted = wanted
    this.#work = this.#work.then(async () => {
      // What was wanted since comes behind this.
      if (this.#wanted !== wanted) return
      try {
        await make(join(this.#directory, WHOLE), join(this.#directory, BROKEN))
        await this.#files.syncDirectory(this.#directory)
        this.#stands = wanted
      } catch {
        // The journal's own writes tell what is wrong with the disk.
      }
    })
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(PATIENCE_MS, resolve)
      void this.#work.then(cancel).then(resolve)
    })
  }
}

const unless = (expected: string) => (error: unknown) => {
  if (errorCode(error) !== expected) throw error
}
