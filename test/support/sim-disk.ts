import { basename, dirname, isAbsolute, join } from 'node:path'
import type { AppendFile, FilePort } from '../../src/journal/index.js'
import { SimFile } from './sim-file.js'

/** A directory that is always there; names without a path are in it. */
export const STATE = '/state'

/** What the n-th step of all that a disk is asked for does. */
export interface Trouble {
  /** From this step on, counted from 1 … */
  readonly step: number
  /** … so many steps fail with this code … */
  readonly code?: string
  readonly steps?: number
  /** … or the process dies here, and nothing that it asks for happens any more. */
  readonly crash?: boolean
}

/** What a disk is asked for, in steps that can fail each on their own. */
export type DiskStep = keyof FilePort | 'open' | 'fill' | 'sync' | 'close'

/** One change of names that no sync has made durable yet. */
interface NameChange {
  readonly directory: string
  readonly removed?: string
  readonly added?: readonly [path: string, file: SimFile]
}

export const failure = (code: string): Error =>
  Object.assign(new Error(`${code}: injected`), { code })

/**
 * A disk that keeps for certain only what was synced. Everything it is asked for is done in steps, each of which can
 * fail, wait, or be the process's last; `afterPowerLoss` drops, tears and reorders what was not durable. Nothing
 * in it takes time: every step is done some microtasks after it was asked for, in the order of asking.
 */
export class SimDisk implements FilePort {
  /** Steps so far. */
  step = 0
  trouble: Trouble | undefined
  /** Asked before every step; a code makes it fail. */
  fault: ((step: DiskStep, path: string) => string | undefined) | undefined
  /** Hears of every step before it is done: the moment for `afterPowerLoss` and `afterKill`. */
  onStep: ((step: DiskStep, path: string) => void) | undefined
  /** Bytes that all files together may have; a write that has no room is done in part and fails with `ENOSPC`. */
  capacity = Number.POSITIVE_INFINITY
  /** Syncs of files and of the directory that only pretend: what a careless program would leave out. */
  pretends: 'file' | 'directory' | undefined
  readonly #directories = new Set([STATE])
  readonly #seen: Map<string, SimFile>
  #durable: Map<string, SimFile>
  #pending: NameChange[] = []
  #fate: 'alive' | 'failing' | 'silent' = 'alive'
  #stall: Promise<void> | undefined

  constructor(files: Iterable<readonly [name: string, data: Uint8Array]> = []) {
    const entries = [...files].map(([name, data]) => [pathOf(name), new SimFile(data)] as const)
    for (const [path] of entries) this.#directories.add(dirname(path))
    this.#seen = new Map(entries)
    this.#durable = new Map(entries)
  }

  /** Of the files in the state directory. */
  get names(): string[] {
    return this.#in(STATE).sort()
  }

  get files(): [name: string, data: Uint8Array][] {
    return [...this.#seen].map(([path, file]) => [nameOf(path), file.read()])
  }

  /** Bytes of all files. */
  get used(): number {
    return [...this.#seen.values()].reduce((sum, { length }) => sum + length, 0)
  }

  get crashed(): boolean {
    return this.#fate !== 'alive'
  }

  /** From now on nothing is answered; what is asked for is done once the result is called. */
  stall(): () => void {
    let release = () => {}
    const stall = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#stall = stall
    return () => {
      if (this.#stall === stall) this.#stall = undefined
      release()
    }
  }

  /** The power goes: what this process asks for from now on is never answered. Returns the disk as the next one finds it. */
  crash(random: (path: string) => number): SimDisk {
    this.#fate = 'silent'
    return this.afterPowerLoss(random)
  }

  /** The process is killed: as `crash`, but the system has what was written. */
  kill(): SimDisk {
    this.#fate = 'silent'
    return this.afterKill()
  }

  /**
   * The disk as another process finds it after the power has gone: any un-synced change of names may be lost, on its own.
   * `random` is told for which path it is asked.
   */
  afterPowerLoss(random: (path: string) => number): SimDisk {
    const names = new Map(this.#durable)
    for (const change of this.#pending)
      if (random(change.added?.[0] ?? change.removed ?? '') < 0.5) apply(change, names)
    return new SimDisk([...names].map(([path, file]) => [path, file.survivor(() => random(path))]))
  }

  /** The disk after the process alone was killed: what it wrote is there, and no more durable than before. */
  afterKill(): SimDisk {
    const copies = new Map<SimFile, SimFile>()
    const copyOf = (file: SimFile): SimFile => {
      const copy = copies.get(file) ?? file.copy()
      copies.set(file, copy)
      return copy
    }
    const left = new SimDisk()
    for (const directory of this.#directories) left.#directories.add(directory)
    for (const [path, file] of this.#seen) left.#seen.set(path, copyOf(file))
    left.#durable = new Map([...this.#durable].map(([path, file]) => [path, copyOf(file)]))
    left.#pending = this.#pending.map(({ added, ...change }) => ({
      ...change,
      ...(added && { added: [added[0], copyOf(added[1])] as const }),
    }))
    return left
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.#next('list', directory)
    if (!this.#directories.has(directory)) throw failure('ENOENT')
    return this.#in(directory)
  }

  async read(path: string): Promise<Uint8Array> {
    await this.#next('read', path)
    return this.#file(path).read()
  }

  async size(path: string): Promise<number> {
    await this.#next('size', path)
    return this.#file(path).length
  }

  async free(directory: string): Promise<number> {
    await this.#next('free', directory)
    return Math.max(0, this.capacity - this.used)
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#next('write', path)
    if (this.#seen.has(path)) throw failure('EEXIST')
    if (!this.#directories.has(dirname(path))) throw failure('ENOENT')
    const file = new SimFile()
    this.#change({ directory: dirname(path), added: [path, file] })
    await this.#fill(path, file, bytes)
    await this.#sync(path, file)
  }

  async append(path: string): Promise<AppendFile> {
    await this.#next('open', path)
    const file = this.#file(path)
    return {
      write: (bytes) => this.#fill(path, file, bytes),
      sync: () => this.#sync(path, file),
      close: () => this.#next('close', path),
    }
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#next('truncate', path)
    this.#file(path).cut(length)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#next('rename', from)
    const file = this.#file(from)
    this.#change({ directory: dirname(to), removed: from, added: [to, file] })
  }

  async unlink(path: string): Promise<void> {
    await this.#next('unlink', path)
    this.#file(path)
    this.#change({ directory: dirname(path), removed: path })
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#next('syncDirectory', directory)
    if (this.pretends === 'directory') return
    const here = this.#pending.filter((change) => change.directory === directory)
    for (const change of here) apply(change, this.#durable)
    this.#pending = this.#pending.filter((change) => !here.includes(change))
  }

  async makeDirectory(directory: string): Promise<void> {
    await this.#next('makeDirectory', directory)
    this.#directories.add(directory)
  }

  /** In two parts, so that a process may die between them. */
  async #fill(path: string, file: SimFile, bytes: Uint8Array): Promise<void> {
    const half = Math.ceil(bytes.length / 2)
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
      await this.#next('fill', path)
      const room = Math.max(0, this.capacity - this.used)
      if (part.length > 0) file.append(part.subarray(0, room))
      if (part.length > room) throw failure('ENOSPC')
    }
  }

  async #sync(path: string, file: SimFile): Promise<void> {
    try {
      await this.#next('sync', path)
    } catch (error) {
      file.failSync()
      throw error
    }
    if (this.pretends !== 'file') file.sync()
  }

  async #next(step: DiskStep, path: string): Promise<void> {
    await this.#stall
    if (this.#fate === 'silent') return new Promise(() => {})
    this.step++
    this.onStep?.(step, path)
    const { trouble } = this
    if (trouble?.crash && this.step >= trouble.step) this.#fate = 'failing'
    // Whatever a dead process goes on to do has no effect.
    if (this.#fate === 'failing') throw failure('ECRASH')
    const code = this.fault?.(step, path)
    if (code !== undefined) throw failure(code)
    if (!trouble?.code || this.step < trouble.step) return
    if (this.step < trouble.step + (trouble.steps ?? 1)) throw failure(trouble.code)
  }

  #in(directory: string): string[] {
    return [...this.#seen.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path))
  }

  #file(path: string): SimFile {
    const file = this.#seen.get(path)
    if (!file) throw failure('ENOENT')
    return file
  }

  #change(change: NameChange): void {
    apply(change, this.#seen)
    this.#pending.push(change)
  }
}

function apply({ removed, added }: NameChange, names: Map<string, SimFile>): void {
  if (removed !== undefined) names.delete(removed)
  if (added) names.set(...added)
}

const pathOf = (name: string): string => (isAbsolute(name) ? name : join(STATE, name))
const nameOf = (path: string): string => (dirname(path) === STATE ? basename(path) : path)
