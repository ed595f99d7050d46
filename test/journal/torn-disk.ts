import { basename, dirname } from 'node:path'
import type { AppendFile, FilePort } from '../../src/journal/index.js'

export const STATE = '/state'
const SECTOR = 512

interface Inode {
  /** What a reader sees. */
  data: Uint8Array
  /** So much of it is durable. */
  synced: number
}

/** One change of names that no sync has made durable yet. */
interface NameChange {
  readonly removed?: string
  readonly added?: readonly [name: string, inode: Inode]
}

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

export const failure = (code: string): Error =>
  Object.assign(new Error(`${code}: injected`), { code })

/**
 * One directory of a disk that keeps only what was synced: a write is torn into steps, each of which can fail or be
 * the process's last, and `afterPowerLoss` drops, tears and reorders the rest.
 */
export class TornDisk implements FilePort {
  step = 0
  trouble: Trouble | undefined
  /** Syncs of files and of the directory that only pretend: what a careless program would leave out. */
  pretends: 'file' | 'directory' | undefined
  readonly #seen: Map<string, Inode>
  readonly #durable: Map<string, Inode>
  #pending: NameChange[] = []
  #dead = false

  constructor(files: Iterable<readonly [name: string, data: Uint8Array]> = []) {
    const inodes = [...files].map(
      ([name, data]) => [name, { data: new Uint8Array(data), synced: data.length }] as const,
    )
    this.#seen = new Map(inodes)
    this.#durable = new Map(inodes)
  }

  get names(): string[] {
    return [...this.#seen.keys()].sort()
  }

  get files(): [name: string, data: Uint8Array][] {
    return [...this.#seen].map(([name, { data }]) => [name, data])
  }

  get crashed(): boolean {
    return this.#dead
  }

  async list(directory: string): Promise<readonly string[]> {
    inState(`${directory}/.`)
    this.#next()
    return [...this.#seen.keys()]
  }

  async read(path: string): Promise<Uint8Array> {
    this.#next()
    return this.#inode(inState(path)).data.slice()
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const name = inState(path)
    this.#next()
    if (this.#seen.has(name)) throw failure('EEXIST')
    const inode: Inode = { data: new Uint8Array(), synced: 0 }
    this.#change({ added: [name, inode] })
    for (const share of [0.5, 1]) {
      this.#next()
      inode.data = new Uint8Array(bytes.subarray(0, Math.ceil(bytes.length * share)))
    }
    this.#next()
    if (this.pretends !== 'file') inode.synced = inode.data.length
  }

  async size(path: string): Promise<number> {
    this.#next()
    return this.#inode(inState(path)).data.length
  }

  async append(path: string): Promise<AppendFile> {
    this.#next()
    const inode = this.#inode(inState(path))
    return {
      write: async (bytes) => {
        const half = Math.ceil(bytes.length / 2)
        for (const part of [bytes.slice(0, half), bytes.slice(half)]) {
          this.#next()
          inode.data = Buffer.concat([inode.data, part])
        }
      },
      sync: async () => {
        this.#next()
        if (this.pretends !== 'file') inode.synced = inode.data.length
      },
      close: async () => this.#next(),
    }
  }

  async truncate(path: string, length: number): Promise<void> {
    this.#next()
    const inode = this.#inode(inState(path))
    inode.data = inode.data.slice(0, length)
    inode.synced = Math.min(inode.synced, length)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#next()
    const inode = this.#inode(inState(from))
    this.#change({ removed: inState(from), added: [inState(to), inode] })
  }

  async unlink(path: string): Promise<void> {
    this.#next()
    this.#inode(inState(path))
    this.#change({ removed: inState(path) })
  }

  async syncDirectory(): Promise<void> {
    this.#next()
    if (this.pretends === 'directory') return
    for (const change of this.#pending) apply(change, this.#durable)
    this.#pending = []
  }

  async makeDirectory(): Promise<void> {
    this.#next()
  }

  /** The disk as another process finds it after the power has gone: any un-synced change of names may be lost, on its own. */
  afterPowerLoss(random: () => number): TornDisk {
    const names = new Map(this.#durable)
    for (const change of this.#pending) if (random() < 0.5) apply(change, names)
    return new TornDisk([...names].map(([name, inode]) => [name, survivor(inode, random)]))
  }

  /** The disk after the process alone was killed: what it wrote is there. */
  afterKill(): TornDisk {
    return new TornDisk(this.files)
  }

  #next(): void {
    this.step++
    const { trouble } = this
    if (trouble?.crash && this.step >= trouble.step) this.#dead = true
    // Whatever a dead process goes on to do has no effect.
    if (this.#dead) throw failure('ECRASH')
    if (!trouble?.code || this.step < trouble.step) return
    if (this.step < trouble.step + (trouble.steps ?? 1)) throw failure(trouble.code)
  }

  #inode(name: string): Inode {
    const inode = this.#seen.get(name)
    if (!inode) throw failure('ENOENT')
    return inode
  }

  #change(change: NameChange): void {
    apply(change, this.#seen)
    this.#pending.push(change)
  }
}

function apply({ removed, added }: NameChange, names: Map<string, Inode>): void {
  if (removed !== undefined) names.delete(removed)
  if (added) names.set(...added)
}

/** Un-synced content is cut anywhere, and any sector of it may not have been written. */
function survivor({ data, synced }: Inode, random: () => number): Uint8Array {
  if (synced === data.length) return data
  const left = data.slice(0, synced + Math.floor(random() * (data.length - synced + 1)))
  for (let at = synced; at < left.length; at = (Math.floor(at / SECTOR) + 1) * SECTOR) {
    const end = (Math.floor(at / SECTOR) + 1) * SECTOR
    const fate = random()
    if (fate < 0.3) left.fill(0, at, end)
    else if (fate < 0.5) left.fill(Math.floor(random() * 256), at, end)
  }
  return left
}

function inState(path: string): string {
  if (dirname(path) !== STATE) throw new Error(`${path} is not in ${STATE}`)
  return basename(path)
}
