import { type JournalDurability, SnapshotStore } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { type SimDisk, STATE } from '../support/sim-disk.js'
import { frameOf, type OpenJournal, openJournal, quiet } from './open-journal.js'
import { stateOf } from './states.js'

/** Small, so that a short life has many of them. */
const SEGMENT_BYTES = 900
const KEPT_ENTRIES = 12

/** What somebody outside may rely on from one moment on. */
export interface Promised {
  /** So many of `taken`. */
  readonly taken: number
  /** A checkpoint that is durable, and the newest there was. */
  readonly settled: number
  readonly asked: number
  /** The newest snapshot that was acknowledged. */
  readonly snapshot: number
}

/** One process's life on a disk: frames, checkpoints and snapshots in the order that a seed gives. */
export class JournalLife {
  /** Frames that were said to be safe, in that order. */
  readonly taken: { readonly ordinal: number; readonly n: number }[] = []
  readonly #opened: OpenJournal
  readonly #store: SnapshotStore
  #next: number
  #ordinal: number
  #asked: number
  #snapshot: number

  private constructor(opened: OpenJournal, store: SnapshotStore, next: number) {
    this.#opened = opened
    this.#store = store
    this.#next = next
    this.#ordinal = opened.journal.lastOrdinal
    this.#asked = opened.journal.settled
    this.#snapshot = store.newestOrdinal
  }

  /** `next` is the number of the first frame that comes. */
  static async begin(
    disk: SimDisk,
    kind: JournalDurability['kind'],
    next = 1,
  ): Promise<JournalLife> {
    const store = new SnapshotStore({ directory: STATE, files: disk, clock: new ManualClock() })
    await store.load()
    const opened = await openJournal(disk, {
      after: store.newestOrdinal,
      limits: { segmentBytes: SEGMENT_BYTES, keptEntries: KEPT_ENTRIES },
      durability: kind === 'batched' ? { kind, ms: 1000 } : { kind },
    })
    return new JournalLife(opened, store, next)
  }

  get next(): number {
    return this.#next
  }

  get promised(): Promised {
    const { settled } = this.#opened.journal
    const taken = this.taken.length
    return { taken, settled, asked: this.#asked, snapshot: this.#snapshot }
  }

  async operation(random: () => number): Promise<void> {
    const { journal, clock } = this.#opened
    const choice = random()
    if (choice < 0.55) for (let left = 1 + random() * 4; left > 1; left--) this.#append()
    else if (choice < 0.7) await quiet(Math.floor(random() * 12))
    else if (choice < 0.8) await journal.flush()
    else if (choice < 0.88) this.#checkpoint(random)
    else if (choice < 0.94) clock.advance(random() < 0.5 ? 100 : 2000)
    else await this.#save()
  }

  #append(): void {
    const n = this.#next++
    const ordinal = ++this.#ordinal
    this.#opened.journal.append(frameOf(n), () => this.taken.push({ ordinal, n }))
  }

  #checkpoint(random: () => number): void {
    const { journal } = this.#opened
    const ordinal = Math.floor(journal.lastOrdinal * (0.5 + random() / 2))
    this.#asked = Math.max(this.#asked, ordinal)
    journal.checkpoint(ordinal)
  }

  /** As the bridge does. */
  async #save(): Promise<void> {
    const { journal } = this.#opened
    const ordinal = journal.lastOrdinal
    const saved = await this.#store.save(stateOf(ordinal), journal.settled)
    if (!saved.ok) return
    this.#snapshot = Math.max(this.#snapshot, ordinal)
    await journal.settle()
    await journal.trim(this.#store.neededAfter(journal.settled))
  }
}
