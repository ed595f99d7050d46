import type { Publication } from '../outputs/publication.js'
import { EntryLine } from './entry-line.js'
import { HeldTopics } from './held-topics.js'
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
 * before. What is in order and was refused comes back, and holds the others of its topic here.
 */
export class PublicationQueue {
  readonly #maxBytes: number
  readonly #onGone: (entry: QueuedPublication, reason: GoneReason) => void
  readonly #latest = new LatestByTopic<QueuedPublication>()
  readonly #line = new EntryLine<QueuedPublication>()
  readonly #awaited = new EntryLine<QueuedPublication>()
  readonly #held = new HeldTopics<QueuedPublication>()
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
    return this.unheld + this.#held.size
  }

  /** How many do not wait for others. */
  get unheld(): number {
    return this.#latest.size + this.#line.size + this.#awaited.size
  }

  /** The oldest that somebody waits for. */
  get firstAwaited(): QueuedPublication | undefined {
    return this.#awaited.first
  }

  /** Whether less waits here than so many bytes, and fewer that somebody waits for. */
  isBelow(bytes: number, awaited: number): boolean {
    return this.#bytes < bytes && this.#awaited.size + this.#held.awaited < awaited
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
    let entry = this.#shiftOldest()
    for (; entry && this.#held.has(entry.publication.topic); entry = this.#shiftOldest())
      this.#held.wait(entry)
    this.#wasLatest = false
    if (entry) this.#bytes -= entry.bytes
    return entry
  }

  #shiftOldest(): QueuedPublication | undefined {
    const awaited = this.#awaited.first?.serial ?? Number.POSITIVE_INFINITY
    const other = this.#line.first?.serial ?? Number.POSITIVE_INFINITY
    return awaited < other ? this.#awaited.shift() : this.#line.shift()
  }

  #shiftLatest(): QueuedPublication | undefined {
    const entry = this.#latest.first
    if (!entry) return this.shiftLined()
    this.#wasLatest = true
    this.#deleteLatest(entry)
    return entry
  }

  /** Puts back, in their places, entries that were on their way when the connection broke; nothing is held any more. */
  putBack(entries: readonly QueuedPublication[]): void {
    this.#enterLines(this.#held.releaseAll())
    for (const entry of entries) {
      this.#bytes += entry.bytes
      if (entry.publication.whileAway === 'latest') this.#putLatestBack(entry)
    }
    this.#enterLines(entries.filter(isLined))
    this.#makeRoom()
  }

  /** Takes back an entry that was refused and is to keep its place; false where it need not. */
  hold(entry: QueuedPublication, now: number): boolean {
    if (entry.birth || !isLined(entry) || !this.#held.refuse(entry, now)) return false
    this.#bytes += entry.bytes
    this.#makeRoom()
    return true
  }

  /** Whether others of a topic wait for one that was refused. */
  holds(topic: string): boolean {
    return this.#held.isHolding && this.#held.has(topic)
  }

  /** The next of a held topic that is to be sent again, now that none of it is on its way; else lets the topic go. */
  shiftHeld(topic: string, now: number): QueuedPublication | undefined {
    const entry = this.#held.next(topic, now)
    if (entry) this.#bytes -= entry.bytes
    else this.#enterLines(this.#held.release(topic))
    return entry
  }

  /** One of a topic was given up: nothing waits for its others. */
  giveUp(topic: string): void {
    this.#held.giveUp(topic)
  }

  /** The broker has taken one of a topic. */
  taken(topic: string): void {
    this.#held.taken(topic)
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
    const isUnwanted = ({ settled }: QueuedPublication) =>
      settled !== undefined && (!unwanted || unwanted.has(settled))
    const entries = [...this.#awaited.takeOut(isUnwanted), ...this.#held.takeOut(isUnwanted)]
    for (const entry of entries) this.#bytes -= entry.bytes
    return entries.length
  }

  /** Forgets a topic's `latest` entry that came before `serial`: something newer has been said. */
  supersede(topic: string, serial: number): void {
    const entry = this.#latest.get(topic)
    if (entry && entry.serial < serial) this.#remove(topic, 'superseded')
  }

  /** Each has its place by its serial. */
  #enterLines(entries: readonly QueuedPublication[]): void {
    this.#awaited.enter(entries.filter(isAwaited), bySerial)
    this.#line.enter(
      entries.filter((entry) => !isAwaited(entry)),
      bySerial,
    )
  }

  #putLatestBack(entry: QueuedPublication): void {
    const { topic } = entry.publication
    const other = this.#latest.get(topic)
    if (other && other.serial > entry.serial) {
      this.#bytes -= entry.bytes
      this.#onGone(entry, 'superseded')
      return
    }
    this.#remove(topic, 'superseded')
    this.#addLatest(entry)
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

const bySerial = (a: QueuedPublication, b: QueuedPublication): number => a.serial - b.serial

const isLined = ({ publication }: QueuedPublication): boolean => publication.whileAway !== 'latest'

const isAwaited = ({ settled }: QueuedPublication): boolean => settled !== undefined
