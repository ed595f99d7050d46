import type { DeviceSession } from '../device/index.js'
import {
  type BridgeTopics,
  ChunkFiller,
  clearedChunks,
  longestFrame,
  type Publication,
  type StatusContext,
  snapshotChunk,
  snapshotEntry,
  snapshotPublications,
} from '../outputs/index.js'

/** What is described: all devices, each as it is when its turn comes. */
export interface SnapshotSubject {
  readonly size: number
  sessions(): Iterable<DeviceSession>
  context(): StatusContext
}

/** What is to be published, a piece at a time, the last one returned. */
type Pieces = Generator<readonly Publication[], readonly Publication[]>

/** So many devices are described in a row: frames come in between. */
const DEVICES_AT_ONCE = 400
/** So many messages leave in a row. */
const MESSAGES_AT_ONCE = 8
/** The snapshot of each minute is spread over most of it. */
const SPREAD_S = 45
/** One message to spare for so many: what is said of devices grows longer from one snapshot to the next. */
const SPARE_FOR = 32

/**
 * The snapshot of all devices' status, a piece at a time. Of a large fleet each message leaves as soon as it is full: all of
 * it together would be 50 MB of 100 000 devices. How many there are is said in each, so that is known from the last
 * time, or counted before; the last ones may be empty.
 */
export class StatusSnapshot {
  readonly #topics: BridgeTopics
  #work: Pieces | undefined
  /** Topics that may hold something with the broker. */
  #said = 0
  /** Messages that one has; 0: not known yet. */
  #planned = 0
  #isLarge = false
  /** Pieces of a second. */
  #share = 0
  /** Pieces that may be made now. */
  #allowed = 0

  constructor(topics: BridgeTopics) {
    this.#topics = topics
  }

  /** Begins anew, whatever was left of one before; `spread`: not more of it at a time than `tick` allows. */
  begin(subject: SnapshotSubject, spread = false): void {
    this.#share = Math.ceil(subject.size / DEVICES_AT_ONCE / SPREAD_S)
    this.#allowed = spread ? this.#share : Number.POSITIVE_INFINITY
    const isLarge = subject.size > DEVICES_AT_ONCE
    if (!isLarge || !this.#isLarge) this.#planned = 0
    this.#isLarge = isLarge
    this.#work = isLarge ? this.#byPieces(subject) : this.#atOnce(subject)
  }

  get isUnfinished(): boolean {
    return this.#work !== undefined
  }

  /** Whether it takes more than one piece. */
  get isLarge(): boolean {
    return this.#isLarge
  }

  /** Whether something may be done of it now. */
  get isDue(): boolean {
    return this.isUnfinished && this.#allowed > 0
  }

  /** A second has gone by. */
  tick(): void {
    this.#allowed = Math.max(this.#allowed, this.#share)
  }

  /** Messages of the one that was begun last; 0 while they are counted. */
  get chunks(): number {
    return this.#planned
  }

  /** What is to be published next; nothing where there is still something to be described. */
  next(): readonly Publication[] {
    this.#allowed--
    const piece = this.#work?.next()
    if (piece?.done) this.#work = undefined
    return piece?.value ?? []
  }

  *#atOnce({ sessions, context }: SnapshotSubject): Pieces {
    const statuses = Array.from(sessions(), (session) => session.status())
    const messages = snapshotPublications(statuses, this.#topics, context(), this.#said)
    this.#said = this.#planned = messages.filter(({ payload }) => payload !== '').length
    return yield* inRows(messages)
  }

  *#byPieces(subject: SnapshotSubject): Pieces {
    const before = this.#said
    for (;;) {
      const of = this.#planned
      this.#said = Math.max(before, of)
      const needed = yield* this.#walk(subject, of)
      this.#planned = needed + Math.ceil(needed / SPARE_FOR)
      if (needed > of) continue
      this.#said = of
      return yield* inRows(this.#rest(subject, needed, of, before))
    }
  }

  /** Describes every device once, in `of` messages; what would be in more is only counted. Returns how many it takes. */
  *#walk(
    { sessions, context }: SnapshotSubject,
    of: number,
  ): Generator<readonly Publication[], number> {
    const filler = new ChunkFiller(longestFrame(context()))
    let messages: Publication[] = []
    let chunk = 0
    const leave = (devices: string) => {
      if (++chunk <= of)
        messages.push(snapshotChunk({ chunk, of, devices }, this.#topics, context()))
    }
    let described = 0
    for (const session of sessions()) {
      const full = filler.add(snapshotEntry(session.status(), context()))
      if (full !== undefined) leave(full)
      if (++described % DEVICES_AT_ONCE > 0) continue
      yield messages
      messages = []
    }
    leave(filler.take())
    yield messages
    return chunk
  }

  /** The empty ones at the end, and what an earlier one had more. */
  #rest({ context }: SnapshotSubject, needed: number, of: number, before: number): Publication[] {
    const empty = Array.from({ length: of - needed }, (_, n) =>
      snapshotChunk({ chunk: needed + 1 + n, of, devices: '' }, this.#topics, context()),
    )
    return [...empty, ...clearedChunks(this.#topics, of, before)]
  }
}

function* inRows(messages: readonly Publication[]): Pieces {
  let from = 0
  for (; from + MESSAGES_AT_ONCE < messages.length; from += MESSAGES_AT_ONCE)
    yield messages.slice(from, from + MESSAGES_AT_ONCE)
  return messages.slice(from)
}
