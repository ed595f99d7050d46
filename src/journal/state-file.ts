import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { discard, errorCode, errorMessage, type FilePort } from './file-port.js'
import { type DamagedFile, reject } from './set-aside.js'
import type { Damage } from './snapshot.js'

export interface StateFileOptions {
  readonly directory: string
  readonly files: FilePort
  /** Such as `devices`; the generation before has `.old` behind it. */
  readonly name: string
}

// A header line, then JSON: `alec-bridge-file 1 5d3c1a90`, the CRC-32 (ISO-HDLC) of all behind its line feed.
const HEADER = /^alec-bridge-file 1 ([0-9a-f]{8})\n/
const LONGEST_HEADER = 64

/** A small JSON document in the state directory: replaced as a whole, checked when it is read, with the one before it. */
export class StateFile {
  readonly #options: StateFileOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: StateFileOptions) {
    this.#options = options
  }

  /** The newest that is whole; undefined where there is none. What is damaged is set aside. Never rejects. */
  async load(): Promise<{ readonly value: unknown; readonly damaged: readonly DamagedFile[] }> {
    const { files, directory, name } = this.#options
    const damaged: DamagedFile[] = []
    for (const one of [name, `${name}.old`]) {
      const read = await this.#read(one)
      if (read.ok) return { value: read.value, damaged }
      const { damage, message } = read
      if (damage !== 'absent')
        damaged.push(await reject(files, directory, { name: one, damage, message }))
    }
    return { value: undefined, damaged }
  }

  /** Resolves once it is durable. */
  save(value: unknown): Promise<void> {
    const saved = this.#last.then(() => this.#save(value))
    this.#last = saved.catch(() => {})
    return saved
  }

  /** A crash between any two steps leaves the new document or the old one. */
  async #save(value: unknown): Promise<void> {
    const { files, directory, name } = this.#options
    const path = join(directory, name)
    const temporary = `${path}.tmp`
    const body = `${JSON.stringify(value, undefined, 1)}\n`
    await discard(files, temporary)
    await files.write(temporary, Buffer.from(`alec-bridge-file 1 ${checksum(body)}\n${body}`))
    await files.rename(path, `${path}.old`).catch((error: unknown) => {
      // The first one has none before it.
      if (errorCode(error) !== 'ENOENT') throw error
    })
    await files.rename(temporary, path)
    await files.syncDirectory(directory)
  }

  async #read(name: string): Promise<Read> {
    const { files, directory } = this.#options
    let text: string
    try {
      text = Buffer.from(await files.read(join(directory, name))).toString()
    } catch (error) {
      const damage = errorCode(error) === 'ENOENT' ? 'absent' : 'unreadable'
      return { ok: false, damage, message: errorMessage(error) }
    }
    const [header = '', sum] = HEADER.exec(text.slice(0, LONGEST_HEADER)) ?? []
    if (sum === undefined)
      return { ok: false, damage: 'bad-header', message: 'it does not begin with its header' }
    const body = text.slice(header.length)
    if (checksum(body) !== sum)
      return { ok: false, damage: 'bad-checksum', message: 'its checksum is wrong' }
    try {
      return { ok: true, value: JSON.parse(body) }
    } catch (error) {
      return { ok: false, damage: 'bad-content', message: errorMessage(error) }
    }
  }
}

type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly damage: Damage | 'absent'; readonly message: string }

const checksum = (text: string): string => crc32(Buffer.from(text)).toString(16).padStart(8, '0')
