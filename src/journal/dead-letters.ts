import { join } from 'node:path'
import { discard, type FilePort } from './file-port.js'

/** Something that could not be delivered, as people will want to see it. */
export interface DeadLetter {
  readonly topic: string
  readonly payload: string
  readonly reason: string
  /** When it was given up, ISO 8601. */
  readonly ts: string
}

/** So many are kept; a broker that refuses everything must not fill the disk. */
const KEPT = 100
const NAME = /^d-(\d{1,15})\.json$/

/** Keeps what was given up, one file each in `dead/`, the latest few. */
export class DeadLetters {
  readonly #files: FilePort
  readonly #directory: string
  #last: Promise<unknown> = Promise.resolve()
  #count = 0
  #unkept = 0

  constructor(stateDirectory: string, files: FilePort) {
    this.#directory = join(stateDirectory, 'dead')
    this.#files = files
  }

  /** Since the start: given up, and of these not kept, because the disk did not let us. */
  get counters(): { readonly count: number; readonly unkept: number } {
    return { count: this.#count, unkept: this.#unkept }
  }

  /** Never rejects. */
  keep(letter: DeadLetter): Promise<void> {
    this.#count++
    const kept = this.#last.then(() => this.#keep(letter)).catch(() => void this.#unkept++)
    this.#last = kept
    return kept
  }

  async #keep({ ts, topic, reason, payload }: DeadLetter): Promise<void> {
    await this.#files.makeDirectory(this.#directory)
    const numbers = (await this.#files.list(this.#directory))
      .map((name) => Number(NAME.exec(name)?.[1] ?? -1))
      .filter((number) => number >= 0)
      .sort((a, b) => b - a)
    const document = { ts, topic, reason, payload }
    const path = join(this.#directory, `d-${(numbers[0] ?? 0) + 1}.json`)
    await this.#files.write(path, Buffer.from(`${JSON.stringify(document)}\n`))
    for (const old of numbers.slice(KEPT - 1)) {
      await discard(this.#files, join(this.#directory, `d-${old}.json`))
    }
  }
}
