import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { discard, errorCode, errorMessage, type FilePort, namesIn } from './file-port.js'
import { type DamagedFile, reject } from './set-aside.js'
import type { DecodedSnapshot, Snapshot } from './snapshot.js'
import { isOrdinal, snapshotPieces } from './snapshot-file.js'
import { decodeSnapshot } from './snapshot-reader.js'

export interface SnapshotStoreOptions {
  /** Is there, and is this process's own (`StateDirectoryLock`). */
  readonly directory: string
  readonly files: FilePort
  readonly clock: Clock
  /** How much of a snapshot is made and written in a row; it makes no difference to what is in the file. */
  readonly pieceCharacters?: number
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
      readonly ordinal: number
      readonly bytes: number
      readonly tookMs: number
    }
  | {
      readonly ok: false
      readonly ordinal: number
      /**
       * The system's (`ENOSPC`, `EIO`, `EROFS`, …), or `ERR_SNAPSHOT_CONTENT` (a state is not like JSON),
       * `ERR_SNAPSHOT_TAKE` (there was no state to be had).
       */
      readonly code: string
      readonly message: string
    }

const GENERATIONS = 2

/** What stays of these ascending ordinals where everything up to `settled` has settled. */
function keptOrdinals(ordinals: readonly number[], settled: number): ReadonlySet<number> {
  const base = ordinals.findLast((ordinal) => ordinal <= settled)
  return new Set([...ordinals.slice(-GENERATIONS), ...(base === undefined ? [] : [base])])
}
const NAME = /^s-(0|[1-9]\d{0,15})$/
const TEMPORARY = /^s-\d+\.tmp$/

/**
 * Snapshots as files `s-<ordinal>`: the newest two, and the newest that is not newer than what has settled, since the
 * rest has to be decoded again. One that is acknowledged survives a crash and a loss of power from then on; one that
 * fails harms none before it.
 */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions
  /** Ordinals of the files that are not known to be damaged, ascending; undefined until the directory was read. */
  #ordinals: number[] | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: SnapshotStoreOptions) {
    this.#options = options
  }

  /** Of what is there, ascending; empty where nothing was loaded yet. */
  get ordinals(): readonly number[] {
    return this.#ordinals ?? []
  }

  /** The newest that is there; -1 where there is none, or nothing was loaded yet. */
  get newestOrdinal(): number {
    return this.#ordinals?.at(-1) ?? -1
  }

  /** The entry after which everything has to be kept, so that what has not settled can be decoded from a snapshot. */
  neededAfter(settled: number): number {
    const [oldest = 0] = this.ordinals
    // Without a snapshot from before, decoding begins at the beginning.
    return oldest <= settled ? oldest : 0
  }

  /** Finds the newest snapshot that is whole and not newer than `atOrBefore`. Never rejects. */
  load(atOrBefore = Number.POSITIVE_INFINITY): Promise<LoadedState> {
    return this.#inTurn(() => this.#load(atOrBefore))
  }

  /** Writes a snapshot; it may be tried again after a failure. `settled` decides which older ones stay. Never rejects. */
  save(snapshot: Snapshot, settled = snapshot.ordinal): Promise<SaveOutcome> {
    return this.#inTurn(() => this.#save(snapshot, settled))
  }

  /** Nobody reads a file while it is removed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    // Without what was loaded: that would stay until the next turn, a hundred megabytes of a large fleet.
    this.#last = result.then(() => {})
    return result
  }

  async #load(atOrBefore: number): Promise<LoadedState> {
    const { directory } = this.#options
    const damaged: DamagedFile[] = []
    try {
      this.#ordinals ??= await this.#scan()
    } catch (error) {
      const message = errorMessage(error)
      return { damaged: [{ name: directory, damage: 'unreadable', message }] }
    }
    for (;;) {
      const ordinal: number | undefined = this.#ordinals.findLast((one) => one <= atOrBefore)
      if (ordinal === undefined) return { damaged }
      const decoded = await this.#read(ordinal)
      if (decoded.ok) return { snapshot: decoded.snapshot, damaged }
      this.#ordinals = this.#ordinals.filter((other) => other !== ordinal)
      const { files, directory } = this.#options
      const { damage, message } = decoded
      damaged.push(await reject(files, directory, { name: fileName(ordinal), damage, message }))
    }
  }

  async #save(snapshot: Snapshot, settled: number): Promise<SaveOutcome> {
    const { clock, pieceCharacters } = this.#options
    const { ordinal } = snapshot
    const began = clock.mono()
    try {
      this.#ordinals ??= await this.#scan()
      const pieces = snapshotPieces(snapshot, pieceCharacters)
      const bytes = await this.#write(ordinal, pieces, this.#ordinals)
      await this.#clearUp(this.#ordinals, settled)
      return { ok: true, ordinal, bytes, tookMs: clock.mono() - began }
    } catch (error) {
      const code = errorCode(error, 'ERR_SNAPSHOT_CONTENT')
      return { ok: false, ordinal, code, message: errorMessage(error) }
    } finally {
      snapshot.done?.()
    }
  }

  /** The steps whose order the promise rests on; a crash between any two of them leaves a generation that is whole. */
  async #write(ordinal: number, pieces: Iterator<Uint8Array>, ordinals: number[]): Promise<number> {
    const { files, directory } = this.#options
    const path = this.#path(ordinal)
    const temporary = `${path}.tmp`
    let written = 0
    await discard(files, temporary)
    try {
      written = await writePieces(files, temporary, pieces)
      await files.rename(temporary, path)
    } catch (error) {
      await discard(files, temporary)
      throw error
    }
    if (!ordinals.includes(ordinal)) ordinals.push(ordinal)
    ordinals.sort((a, b) => a - b)
    await files.syncDirectory(directory)
    return written
  }

  /** Only now is the new name durable, and an older generation one too many. */
  async #clearUp(ordinals: number[], settled: number): Promise<void> {
    const kept = keptOrdinals(ordinals, settled)
    for (const old of ordinals.filter((ordinal) => !kept.has(ordinal))) {
      ordinals.splice(ordinals.indexOf(old), 1)
      await discard(this.#options.files, this.#path(old))
    }
  }

  /** Removes what an interrupted save has left, and returns the ordinals that are there, ascending. */
  async #scan(): Promise<number[]> {
    const { files, directory } = this.#options
    const ordinals: number[] = []
    for (const name of await namesIn(files, directory)) {
      if (TEMPORARY.test(name)) await discard(files, join(directory, name))
      const ordinal = Number(NAME.exec(name)?.[1])
      if (isOrdinal(ordinal)) ordinals.push(ordinal)
    }
    return ordinals.sort((a, b) => a - b)
  }

  async #read(ordinal: number): Promise<DecodedSnapshot> {
    try {
      return decodeSnapshot(await this.#options.files.read(this.#path(ordinal)), ordinal)
    } catch (error) {
      return { ok: false, damage: 'unreadable', message: errorMessage(error) }
    }
  }

  #path(ordinal: number): string {
    return join(this.#options.directory, fileName(ordinal))
  }
}

/** Writes a new file piece by piece and syncs it; returns its length. Others have their turn while a piece is written. */
async function writePieces(
  files: FilePort,
  path: string,
  pieces: Iterator<Uint8Array>,
): Promise<number> {
  const first = pieces.next().value as Uint8Array
  let next = pieces.next()
  await files.write(path, first)
  let written = first.length
  if (next.done) return written
  const file = await files.append(path)
  try {
    for (; !next.done; next = pieces.next()) {
      await file.write(next.value)
      written += next.value.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return written
}

const fileName = (ordinal: number): string => `s-${ordinal}`
