import { utf8Length } from '../names.js'

const MAX_CHUNK_BYTES = 64 * 1024

/** JSON documents in as few messages of at most 64 KiB as their order allows; one that is longer has its own. */
export class Chunks {
  readonly #room: number
  /** Documents joined by commas. */
  readonly #groups: string[] = []
  #group = ''
  #bytes = 0

  /** `around`: what each message holds beside the documents, at its longest. */
  constructor(around: string) {
    this.#room = MAX_CHUNK_BYTES - utf8Length(around)
  }

  add(document: string): void {
    const size = utf8Length(document) + 1
    if (this.#group !== '' && this.#bytes + size > this.#room) {
      this.#groups.push(this.#group)
      this.#group = ''
      this.#bytes = 0
    }
    this.#group += this.#group === '' ? document : `,${document}`
    this.#bytes += size
  }

  /** How many messages it takes; at least one. */
  get count(): number {
    return this.#groups.length + 1
  }

  /** What each message holds. */
  get texts(): readonly string[] {
    return [...this.#groups, this.#group]
  }
}

/** Chunk 1 is on the topic itself, chunk n on `…/<n>`. */
export const chunkTopic = (topic: string, chunk: number): string =>
  chunk === 1 ? topic : `${topic}/${chunk}`
