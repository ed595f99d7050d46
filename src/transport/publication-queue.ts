import type { Publication } from '../outputs/publication.js'
import { EntryLine } from './entry-line.js'
import { LatestByTopic } from './latest-by-topic.js'

/** A publication on its way, with what it costs to keep. */
export interface QueuedPublication {
  readonly publication: Publication
  /** Topic, payload and what the queue itself needs, in bytes. */
  readonly bytes: number
  /** Part of a birth: forgotten when the connection is lost, since the next birth says it anew. */
  readonly birth: boolean
  /** Order of arrival. */
  readonly serial: number
  /** Called once, when its way has ended for good. */
  readonly settled?: (() => void) | undefined
  /** When it was handed to the broker last, monotonic milliseconds. */
  sentAt: number
  /** Serial of that hand-over. */
  sentAs: number
  /** How often the broker has refused it. */
  refusals: number
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
 * What waits for the broker, in order and bounded in bytes: the last `latest` publication of each topic, and everything
 * else in the order of its arrival, the oldest of which is dropped when it is full. They leave in turns, so that neither
 * waits for all of the other. What somebody waits for (`settled`) is never dropped here: who publishes it asks for room
 * before.
 */
export class PublicationQueue {
  readonly #maxBytes: number
  readonly #onGone: (entry: QueuedPublication, reason: GoneReason) => void
  readonly #latest = new LatestByTopic<QueuedPublication>()
  readonly #line = new EntryLine<QueuedPublication>()
  readonly #awaited = new EntryLine<QueuedPublication>()
  #bytes = 0
  #latestBytes = 0
  /** Whether it was one of the latest that left last. */
  #wasLatest = false

  constructor(maxBytes: number, onGone: (entry: QueuedPublication, reason: GoneReason) => void) {
    this.#maxBytes = maxBytes
    this.#onGone = onGone
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#latest.size + this.#line.size + this.#awaited.size
  }

  /** The oldest that somebody waits for. */
  get firstAwaited(): QueuedPublication | undefined {
    return this.#awaited.first
  }

  /** Whether less waits here than so many bytes, and fewer that somebody waits for. */
  isBelow(bytes: number, awaited: number): boolean {
    return this.#bytes < bytes && this.#awaited.size < awaited
  }

  /** Whether fewer of the latest wait here, and less of them. */
  isLatestBelow(bytes: number, entries: number): boolean {
    return this.#latestBytes < bytes && this.#latest.size < entries
  }

  /** Whether the latest of a topic waits. */
  holdsState(topic: string): boolean {
    return this.#latest.get(topic) !== undefined
  }

  push(entry: QueuedPublication): void {
    const { topic, whileAway } = entry.publication
    if (entry.bytes > this.#maxBytes) {
      this.#onGone(entry, 'too-large')
      return
    }
    if (whileAway === 'latest') {
      this.#remove(topic, 'superseded')
      this.#addLatest(entry)
    } else {
      this.#lineOf(entry).push(entry)
    }
    this.#bytes += entry.bytes
    this.#makeRoom()
  }

  shift(): QueuedPublication | undefined {
    return this.#wasLatest ? (this.shiftLined() ?? this.#shiftLatest()) : this.#shiftLatest()
  }

  /** The next that is not one of the latest. */
  shiftLined(): QueuedPublication | undefined {
    const awaited = this.#awaited.first?.serial ?? Number.POSITIVE_INFINITY
    const other = this.#line.first?.serial ?? Number.POSITIVE_INFINITY
    const entry = awaited < other ? this.#awaited.shift() : this.#line.shift()
    this.#wasLatest = false
    if (entry) this.#bytes -= entry.bytes
    return entry
  }

  #shiftLatest(): QueuedPublication | undefined {
    const entry = this.#latest.first
    if (!entry) return this.shiftLined()
    this.#wasLatest = true
    this.#deleteLatest(entry)
    return entry
  }

  /** Puts back, in front and in their order, entries that were on their way when the connection broke. */
  putBack(entries: readonly QueuedPublication[]): void {
    const lined: QueuedPublication[] = []
    for (const entry of entries) {
      const { topic, whileAway } = entry.publication
      if (whileAway === 'latest' && this.#latest.get(topic)) {
        this.#onGone(entry, 'superseded')
        continue
      }
      if (whileAway === 'latest') this.#addLatest(entry)
      else lined.push(entry)
      this.#bytes += entry.bytes
    }
    this.#awaited.putBack(lined.filter(isAwaited))
    this.#line.putBack(lined.filter((entry) => !isAwaited(entry)))
    this.#makeRoom()
  }

  /** Gives up what is not worth keeping while the broker is away. */
  dropTransient(): void {
    const isTransient = (entry: QueuedPublication) => entry.publication.whileAway === 'drop'
    for (const entry of this.#line.takeOut(isTransient)) {
      this.#bytes -= entry.bytes
      this.#onGone(entry, 'away')
    }
  }

  /** Takes out what somebody waits for, all of it or what would settle these; returns how many there were. */
  giveBackAwaited(unwanted?: ReadonlySet<() => void>): number {
    const entries = this.#awaited.takeOut(
      ({ settled }) => !unwanted || (settled !== undefined && unwanted.has(settled)),
    )
    for (const entry of entries) this.#bytes -= entry.bytes
    return entries.length
  }

  /** Forgets a topic's `latest` entry that came before `serial`: something newer has been said. */
  supersede(topic: string, serial: number): void {
    const entry = this.#latest.get(topic)
    if (entry && entry.serial < serial) this.#remove(topic, 'superseded')
  }

  #lineOf(entry: QueuedPublication): EntryLine<QueuedPublication> {
    return isAwaited(entry) ? this.#awaited : this.#line
  }

  #remove(topic: string, reason: GoneReason): void {
    const entry = this.#latest.get(topic)
    if (!entry) return
    this.#deleteLatest(entry)
    this.#onGone(entry, reason)
  }

  #addLatest(entry: QueuedPublication): void {
    this.#latest.add(entry)
    this.#latestBytes += entry.bytes
  }

  #deleteLatest({ publication, bytes }: QueuedPublication): void {
    this.#latest.delete(publication.topic)
    this.#latestBytes -= bytes
    this.#bytes -= bytes
  }

  #makeRoom(): void {
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#line.shift()
      if (oldest) {
        this.#bytes -= oldest.bytes
        this.#onGone(oldest, 'queue-full')
        continue
      }
      const { first } = this.#latest
      if (!first) return
      this.#remove(first.publication.topic, 'queue-full')
    }
  }
}

const isAwaited = ({ settled }: QueuedPublication): boolean => settled !== undefined
