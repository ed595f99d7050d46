import { utf8Length } from '../names.js'

const MAX_CHUNK_BYTES = 64 * 1024

/** JSON documents in as few messages of at most 64 KiB as their order allows; one that is longer has its own. */
export class ChunkFiller {
  readonly #room: number
  /** Documents joined by commas. */
  #group = ''
  #bytes = 0

  /** `around`: what each message holds beside the documents, at its longest. */
  constructor(around: string) {
    this.#room = MAX_CHUNK_BYTES - utf8Length(around)
  }

  /** Returns what is in the message that is full, where this document begins another. */
  add(document: string): string | undefined {
    const size = utf8Length(document) + 1
    const isFull = this.#group !== '' && this.#bytes + size > this.#room
    const full = isFull ? this.take() : undefined
    this.#group += this.#group === '' ? document : `,${document}`
    this.#bytes += size
    return full
  }

  /** What is in the last message. */
  take(): string {
    const group = this.#group
    this.#group = ''
    this.#bytes = 0
    return group
  }
}

/** What is in each message; at least one. */
export function* chunksOf(documents: Iterable<string>, around: string): Generator<string, void> {
  const filler = new ChunkFiller(around)
  for (const document of documents) {
    const full = filler.add(document)
    if (full !== undefined) yield full
  }
  yield filler.take()
}

/** Chunk 1 is on the topic itself, chunk n on `…/<n>`. */
export const chunkTopic = (topic: string, chunk: number): string =>
  chunk === 1 ? topic : `${topic}/${chunk}`
