import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { discard, errorCode, errorMessage, type FilePort } from './file-port.js'
import { setAside } from './set-aside.js'
import type { Damage, DecodedSnapshot, Snapshot } from './snapshot.js'
import { decodeSnapshot, encodeSnapshot, isOrdinal } from './snapshot-file.js'

export interface SnapshotStoreOptions {
  /** Is there, and is this process's own (`StateDirectoryLock`). */
  readonly directory: string
  readonly files: FilePort
  readonly clock: Clock
}

/** A file that cannot be used, or the directory itself. */
export interface DamagedFile {
  readonly name: string
  readonly damage: Damage
  readonly message: string
  /** The name that it has now; absent where the disk did not let it be renamed. */
  readonly keptAs?: string
}

export interface LoadedState {
  /** Absent where there is none, or none that can be used: every device starts unknown. */
  readonly snapshot?: Snapshot
  /** Each is reported once: it has another name afterwards. */
  readonly damaged: readonly DamagedFile[]
}

export type SaveOutcome =
  | {
      readonly ok: true
      /** Of what is on the disk now; greater than asked for where a later save came on top. */
      readonly ordinal: number
      readonly bytes: number
      readonly tookMs: number
    }
  | {
      readonly ok: false
      readonly ordinal: number
      /**
       * The system's (`ENOSPC`, `EIO`, `EROFS`, …), or `ERR_SNAPSHOT_CONTENT` (a state is not like JSON),
       * `ERR_SNAPSHOT_ORDER` (a newer one is there), `ERR_SNAPSHOT_TAKE` (there was no state to be had).
       */
      readonly code: string
      readonly message: string
    }

/** What a save that was called for but has not begun is going to write. */
interface Waiting {
  snapshot: Snapshot
  readonly outcome: Promise<SaveOutcome>
}

const GENERATIONS = 2
const NAME = /^s-(0|[1-9]\d{0,15})$/
const TEMPORARY = /^s-\d+\.tmp$/

/**
 * Snapshots as files `s-<ordinal>`, the newest two of them. One that is acknowledged survives a crash and a loss of
 * power from then on; one that fails harms none before it.
 */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions
  /** Ordinals of the files that are not known to be damaged, ascending; undefined until the directory was read. */
  #generations: number[] | undefined
  #waiting: Waiting | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: SnapshotStoreOptions) {
    this.#options = options
  }

  /** The newest that is there; -1 where there is none, or nothing was loaded yet. */
  get newestOrdinal(): number {
    return this.#generations?.at(-1) ?? -1
  }

  /** Finds the newest snapshot that is whole, and clears up what a crash has left. Never rejects. */
  async load(): Promise<LoadedState> {
    const { directory } = this.#options
    const damaged: DamagedFile[] = []
    try {
      this.#generations = await this.#scan()
    } catch (error) {
      const message = errorMessage(error)
      return { damaged: [{ name: directory, damage: 'unreadable', message }] }
    }
    for (let ordinal = this.newestOrdinal; ordinal >= 0; ordinal = this.newestOrdinal) {
      const decoded = await this.#read(ordinal)
      if (decoded.ok) return { snapshot: decoded.snapshot, damaged }
      this.#generations.pop()
      damaged.push(await this.#reject(fileName(ordinal), decoded.damage, decoded.message))
    }
    return { damaged }
  }

  /**
   * Writes a snapshot; it may be tried again after a failure. Never rejects. One that has not begun gives its place to
   * one that comes later, and has the outcome of that.
   */
  save(snapshot: Snapshot): Promise<SaveOutcome> {
    if (this.#waiting) {
      this.#waiting.snapshot = snapshot
      return this.#waiting.outcome
    }
    const waiting: Waiting = {
      snapshot,
      outcome: this.#last.then(() => {
        this.#waiting = undefined
        return this.#save(waiting.snapshot)
      }),
    }
    this.#waiting = waiting
    this.#last = waiting.outcome
    return waiting.outcome
  }

  async #save(snapshot: Snapshot): Promise<SaveOutcome> {
    const { clock } = this.#options
    const { ordinal } = snapshot
    const began = clock.mono()
    try {
      this.#generations ??= await this.#scan()
      if (ordinal < this.newestOrdinal) {
        const message = `snapshot ${ordinal} is older than snapshot ${this.newestOrdinal} on the disk`
        return { ok: false, ordinal, code: 'ERR_SNAPSHOT_ORDER', message }
      }
      const bytes = encodeSnapshot(snapshot)
      await this.#write(ordinal, bytes, this.#generations)
      return { ok: true, ordinal, bytes: bytes.length, tookMs: clock.mono() - began }
    } catch (error) {
      const code = errorCode(error, 'ERR_SNAPSHOT_CONTENT')
      return { ok: false, ordinal, code, message: errorMessage(error) }
    }
  }

  /** The steps whose order the promise rests on; a crash between any two of them leaves a generation that is whole. */
  async #write(ordinal: number, bytes: Uint8Array, generations: number[]): Promise<void> {
    const { files, directory } = this.#options
    const path = this.#path(ordinal)
    const temporary = `${path}.tmp`
    await discard(files, temporary)
    try {
      await files.write(temporary, bytes)
      await files.rename(temporary, path)
    } catch (error) {
      await discard(files, temporary)
      throw error
    }
    if (ordinal !== generations.at(-1)) generations.push(ordinal)
    await files.syncDirectory(directory)
    // Only now is the new name durable, and the oldest generation one too many.
    for (const old of generations.splice(0, generations.length - GENERATIONS)) {
      await discard(files, this.#path(old))
    }
  }

  /** Removes what an interrupted save has left, and returns the ordinals that are there, ascending. */
  async #scan(): Promise<number[]> {
    const { files, directory } = this.#options
    const ordinals: number[] = []
    for (const name of await this.#names()) {
      if (TEMPORARY.test(name)) await discard(files, join(directory, name))
      const ordinal = Number(NAME.exec(name)?.[1])
      if (isOrdinal(ordinal)) ordinals.push(ordinal)
    }
    return ordinals.sort((a, b) => a - b)
  }

  async #names(): Promise<readonly string[]> {
    const { files, directory } = this.#options
    try {
      return await files.list(directory)
    } catch (error) {
      // No directory is no state: writing into it will say so, where that is wanted.
      if (errorCode(error) === 'ENOENT') return []
      throw error
    }
  }

  async #read(ordinal: number): Promise<DecodedSnapshot> {
    try {
      return decodeSnapshot(await this.#options.files.read(this.#path(ordinal)), ordinal)
    } catch (error) {
      return { ok: false, damage: 'unreadable', message: errorMessage(error) }
    }
  }

  async #reject(name: string, damage: Damage, message: string): Promise<DamagedFile> {
    const { files, directory } = this.#options
    try {
      return { name, damage, message, keptAs: await setAside(files, directory, name) }
    } catch (error) {
      return { name, damage, message: `${message}; it stays in place: ${errorMessage(error)}` }
    }
  }

  #path(ordinal: number): string {
    return join(this.#options.directory, fileName(ordinal))
  }
}

const fileName = (ordinal: number): string => `s-${ordinal}`
