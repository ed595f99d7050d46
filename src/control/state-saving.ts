import type { Clock } from '../clock.js'
import type { Fleet } from '../device/index.js'
import { type Snapshot, Snapshotter } from '../journal/index.js'
import type { Log } from '../log.js'
import type { BridgeMemory } from './bridge-memory.js'
import { blankPicture, pictureOf } from './fleet-picture.js'
import { KNOWN_FRAMES } from './known-frames.js'

export interface StateSavingOptions {
  readonly memory: Pick<BridgeMemory, 'journal' | 'snapshots'>
  /** The live fleet. */
  readonly fleet: Fleet
  readonly clock: Clock
  readonly log: Log
  /** Ordinal of the entry that the live fleet stands after. */
  readonly handled: () => number
  /** The entry behind which all is still to be read by a backlog; undefined while there is none. */
  readonly read: () => number | undefined
}

/** So many entries are worth a snapshot before its time: a restart decodes them again, half a second on a busy gateway. */
const SNAPSHOT_ENTRIES = 50_000
/** A journal that is fuller keeps nothing but what is needed. */
const ROOMY_FILL = 0.5

/** Keeps what the fleet knows, so that the entries before it are not needed any more, and lets those go. */
export class StateSaving {
  readonly #options: StateSavingOptions
  readonly #snapshotter: Snapshotter
  #entries = 0
  #isFailing = false

  constructor(options: StateSavingOptions) {
    const { memory, clock, handled } = options
    const { journal, snapshots } = memory
    this.#options = options
    this.#snapshotter = new Snapshotter({
      store: snapshots,
      clock,
      take: () => this.#snapshot(),
      isNews: () => this.#isFailing || handled() > snapshots.newestOrdinal,
      settled: () => journal.settled,
      onOutcome: (outcome) => void this.#saved(outcome),
    })
  }

  /** Whether the last save failed: then nothing can go. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  /** Saves from time to time. */
  start(): void {
    this.#snapshotter.start()
  }

  /** Saves once more; resolves when that is done. */
  stop(): Promise<void> {
    return this.#snapshotter.stop()
  }

  /** So many entries more were handled: enough of them are worth a save. */
  count(entries: number): void {
    this.#entries += entries
    if (this.#entries < SNAPSHOT_ENTRIES) return
    this.#entries = 0
    this.saveSoon()
  }

  /** Saves what the fleet knows, as soon as that does not cost too much. */
  saveSoon(): void {
    this.#snapshotter.saveSoon()
  }

  /** Saves what the fleet knows at this moment; resolves when that is done, well or not. */
  saveNow(): Promise<void> {
    return this.save(this.#snapshot())
  }

  /** Keeps another fleet's state; resolves when that is done, well or not. */
  async save(snapshot: Snapshot): Promise<void> {
    const { journal, snapshots } = this.#options.memory
    await this.#saved(await snapshots.save(snapshot, journal.settled))
  }

  #snapshot(): Snapshot {
    const { fleet, clock, handled } = this.#options
    const times = { mono: clock.mono(), wall: clock.wall() }
    const ordinal = handled()
    return { ordinal, ...times, ...(ordinal > 0 ? pictureOf(fleet) : blankPicture(fleet)) }
  }

  /** Says a failure once, and that it is over; resolves when what is not needed any more is gone. */
  async #saved(outcome: { readonly ok: boolean }): Promise<void> {
    const { log } = this.#options
    if (outcome.ok === this.#isFailing) {
      this.#isFailing = !outcome.ok
      if (outcome.ok) log.info({}, 'state saved again')
      else log.error(outcome, 'state not saved: a restart has more to decode')
    }
    if (outcome.ok) await this.#trim()
  }

  async #trim(): Promise<void> {
    const { memory, read } = this.#options
    const { journal, snapshots } = memory
    // What is needed no more must not be needed again after a loss of power.
    await journal.settle()
    const needed = snapshots.neededAfter(journal.settled)
    // While there is space, what a broker may deliver again stays.
    const known = journal.fill < ROOMY_FILL ? journal.lastOrdinal - KNOWN_FRAMES : needed
    await journal.trim(Math.min(needed, known, read() ?? needed))
  }
}
