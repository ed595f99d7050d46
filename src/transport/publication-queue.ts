import type { Publication } from '../outputs/publication.js'

/** A publication on its way, with what it costs to keep. */
export interface QueuedPublication {
  readonly publication: Publication
  /** Topic, payload and what the queue itself needs, in bytes. */
  readonly bytes: number
  /** Part of a birth: forgotten when the connection is lost, since the next birth says it anew. */
  readonly birth: boolean
  /** Order of arrival. */
  readonly serial: number
}

/** Memory of one entry besides its topic and payload, in bytes. */
const ENTRY_BYTES = 128

/** What a publication costs to keep, in bytes. */
export function queuedBytes({ topic, payload }: Publication): number {
  const size = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  return Buffer.byteLength(topic) + size + ENTRY_BYTES
}

/** Why an entry left the queue without being sent; only `superseded` means that nothing is missing. */
export type GoneReason = 'superseded' | 'away' | 'queue-full' | 'too-large'

/**
 * What waits for the broker, in order and bounded in bytes: the last `latest` publication of each topic,
 * which go first, and everything else in the order of its arrival, the oldest of which is dropped when it is full.
 */
export class PublicationQueue {
  readonly #maxBytes: number
  readonly #onGone: (entry: QueuedPublication, reason: GoneReason) => void
  readonly #latest = new Map<string, QueuedPublication>()
  #line: QueuedPublication[] = []
  /** Entries of `#line` before this one are gone; the array is cut now and then, not at every shift. */
  #head = 0
  #bytes = 0

  constructor(maxBytes: number, onGone: (entry: QueuedPublication, reason: GoneReason) => void) {
    this.#maxBytes = maxBytes
    this.#onGone = onGone
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#latest.size + this.#line.length - this.#head
  }

  push(entry: QueuedPublication): void {
    const { topic, whileAway } = entry.publication
    if (entry.bytes > this.#maxBytes) {
      this.#onGone(entry, 'too-large')
      return
    }
    if (whileAway === 'latest') {
      this.#remove(topic, 'superseded')
      this.#latest.set(topic, entry)
    } else {
      this.#line.push(entry)
    }
    this.#bytes += entry.bytes
    this.#makeRoom()
  }

  shift(): QueuedPublication | undefined {
    const first = this.#latest.values().next().value
    if (!first) return this.#shiftLine()
    this.#latest.delete(first.publication.topic)
    this.#bytes -= first.bytes
    return first
  }

  /** Puts back, in front and in their order, entries that were on their way when the connection broke. */
  putBack(entries: readonly QueuedPublication[]): void {
    const line: QueuedPublication[] = []
    for (const entry of entries) {
      const { topic, whileAway } = entry.publication
      if (whileAway === 'latest' && this.#latest.has(topic)) {
        this.#onGone(entry, 'superseded')
        continue
      }
      if (whileAway === 'latest') this.#latest.set(topic, entry)
      else line.push(entry)
      this.#bytes += entry.bytes
    }
    this.#line = [...line, ...this.#line.slice(this.#head)]
    this.#head = 0
    this.#makeRoom()
  }

  /** Gives up what is not worth keeping while the broker is away. */
  dropTransient(): void {
    const line = this.#line.slice(this.#head)
    const isTransient = (entry: QueuedPublication) => entry.publication.whileAway === 'drop'
    this.#line = line.filter((entry) => !isTransient(entry))
    this.#head = 0
    for (const entry of line.filter(isTransient)) {
      this.#bytes -= entry.bytes
      this.#onGone(entry, 'away')
    }
  }

  /** Forgets a topic's `latest` entry that came before `serial`: something newer has been said. */
  supersede(topic: string, serial: number): void {
    const entry = this.#latest.get(topic)
    if (entry && entry.serial < serial) this.#remove(topic, 'superseded')
  }

  #remove(topic: string, reason: GoneReason): void {
    const entry = this.#latest.get(topic)
    if (!entry) return
    this.#latest.delete(topic)
    this.#bytes -= entry.bytes
    this.#onGone(entry, reason)
  }

  #shiftLine(): QueuedPublication | undefined {
    const entry = this.#line[this.#head]
    if (!entry) return undefined
    this.#head++
    if (this.#head === this.#line.length || this.#head > 1024) this.#cut()
    this.#bytes -= entry.bytes
    return entry
  }

  #cut(): void {
    if (this.#head * 2 < this.#line.length) return
    this.#line.splice(0, this.#head)
    this.#head = 0
  }

  #makeRoom(): void {
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#shiftLine()
      if (oldest) this.#onGone(oldest, 'queue-full')
      else this.#remove(this.#latest.keys().next().value ?? '', 'queue-full')
    }
  }
}
