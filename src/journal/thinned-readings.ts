import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  discard,
  errorCode,
  errorMessage,
  type FilePort,
  namesIn,
  writeWhole,
} from './file-port.js'

/** What is kept of an entry of the journal; JSON-like. */
export interface ThinnedLine {
  readonly ordinal: number
}

export interface ThinnedReadingsOptions {
  readonly directory: string
  readonly files: FilePort
  /** Of all files together; beyond it the oldest go. */
  readonly maxBytes: number
}

export type ThinnedOutcome<Line> =
  | {
      readonly ok: true
      /** What has to go for it; it stays on the disk until `removeEvicted`, so that it can be named before. */
      readonly evicted: readonly Line[]
    }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Lines that were appended together. */
export interface ThinnedFile<Line> {
  /** Of its last line. */
  readonly ordinal: number
  readonly lines: readonly Line[]
}

const NAME = /^t-(\d{16})\.jsonl$/
const TEMPORARY = /^t-\d{16}\.jsonl\.tmp$/
// Every line has the CRC-32 of its JSON in front.
const LINE = /^([0-9a-f]{8}) (.+)$/

/**
 * What was kept of a backlog that had to make room: in files `t-<ordinal>.jsonl`, one an append, until it was delivered.
 * One call at a time.
 */
export class ThinnedReadings<Line extends ThinnedLine> {
  readonly #options: ThinnedReadingsOptions
  /** Bytes by the ordinal of the last line, in order. */
  #sizes = new Map<number, number>()
  #evicted: number[] = []

  constructor(options: ThinnedReadingsOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#sizes.size === 0
  }

  /** Of the last line that is kept; 0 where there is none. */
  get newestOrdinal(): number {
    return [...this.#sizes.keys()].at(-1) ?? 0
  }

  /** Of all that are kept. */
  get bytes(): number {
    return [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Looks at what an earlier run has left; rejects as the disk does. */
  async open(): Promise<void> {
    const { directory, files } = this.#options
    const sizes: [number, number][] = []
    for (const name of await namesIn(files, directory)) {
      const path = join(directory, name)
      if (TEMPORARY.test(name)) await discard(files, path)
      const ordinal = Number(NAME.exec(name)?.[1] ?? 0)
      if (ordinal > 0) sizes.push([ordinal, await files.size(path)])
    }
    this.#sizes = new Map(sizes.sort(([a], [b]) => a - b))
  }

  /** Keeps lines durably, behind all that are kept; their ordinals grow. Never rejects. */
  async append(lines: readonly Line[]): Promise<ThinnedOutcome<Line>> {
    const ordinal = lines.at(-1)?.ordinal
    if (ordinal === undefined) return { ok: true, evicted: [] }
    const bytes = Buffer.from(lines.map(printLine).join(''))
    const { maxBytes } = this.#options
    if (bytes.length > maxBytes) {
      return { ok: false, code: 'EFBIG', message: `${bytes.length} bytes, ${maxBytes} are allowed` }
    }
    try {
      await this.#write(ordinal, bytes)
    } catch (error) {
      return { ok: false, code: errorCode(error), message: errorMessage(error) }
    }
    const evicted: Line[] = []
    for (const oldest of [...this.#sizes.keys()]) {
      if (this.bytes <= maxBytes) break
      for (const line of await this.#read(oldest)) evicted.push(line)
      this.#sizes.delete(oldest)
      this.#evicted.push(oldest)
    }
    return { ok: true, evicted }
  }

  /** Those that had to go have been named. */
  async removeEvicted(): Promise<void> {
    for (const ordinal of this.#evicted.splice(0)) await this.remove(ordinal)
  }

  /** The oldest that are kept behind an entry; undefined where there are none. Damaged lines are left out. */
  async oldest(after = 0): Promise<ThinnedFile<Line> | undefined> {
    for (const ordinal of this.#sizes.keys()) {
      if (ordinal > after) return { ordinal, lines: await this.#read(ordinal) }
    }
    return undefined
  }

  /** They were delivered; where the disk does not let them go they come again after a restart. */
  async remove(ordinal: number): Promise<void> {
    const { directory, files } = this.#options
    this.#sizes.delete(ordinal)
    await discard(files, this.#path(ordinal))
    await files.syncDirectory(directory).catch(() => {})
  }

  /** Lets go of lines behind an entry: they come from the journal again. Rejects as the disk does. */
  async cut(after: number): Promise<void> {
    for (const ordinal of [...this.#sizes.keys()]) {
      if (ordinal <= after) continue
      const kept = (await this.#read(ordinal)).filter((line) => line.ordinal <= after)
      const last = kept.at(-1)?.ordinal
      if (last !== undefined) await this.#write(last, Buffer.from(kept.map(printLine).join('')))
      await this.remove(ordinal)
    }
  }

  async #write(ordinal: number, bytes: Uint8Array): Promise<void> {
    const { directory, files } = this.#options
    await writeWhole(files, directory, this.#path(ordinal), bytes)
    this.#sizes.set(ordinal, bytes.length)
    this.#sizes = new Map([...this.#sizes].sort(([a], [b]) => a - b))
  }

  /** Nothing where the disk does not give it. */
  async #read(ordinal: number): Promise<Line[]> {
    let bytes: Uint8Array
    try {
      bytes = await this.#options.files.read(this.#path(ordinal))
    } catch {
      return []
    }
    const lines: Line[] = []
    for (const text of Buffer.from(bytes).toString().split('\n')) {
      const [, sum, json = ''] = LINE.exec(text) ?? []
      if (sum === checksum(json)) lines.push(JSON.parse(json) as Line)
    }
    return lines
  }

  #path(ordinal: number): string {
    return join(this.#options.directory, `t-${String(ordinal).padStart(16, '0')}.jsonl`)
  }
}

function printLine(line: ThinnedLine): string {
  const json = JSON.stringify(line)
  return `${checksum(json)} ${json}\n`
}

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0')
