import type { Clock } from '../clock.js'
import type { DeviceSession, Fleet, FleetHandlers, Verdict } from '../device/index.js'
import type { Journal, JournalEntry, Snapshot } from '../journal/index.js'
import { type Delivery, takeTo } from './delivery.js'
import { DropRun } from './drop-run.js'
import type { DroppedRange } from './drop-tally.js'
import { pictureOf } from './fleet-picture.js'
import { adoptPlan } from './restore-fleet.js'
import type { Thinning } from './thinning.js'

/** What may be done with the next readings: hand them over, drop some to make room in the journal, or nothing yet. */
export type Pass = 'deliver' | 'drop' | 'wait'

export interface BacklogOptions {
  readonly journal: Pick<Journal, 'read' | 'recent' | 'rest' | 'lastOrdinal'>
  /** The newest snapshot at or before all that has settled. */
  readonly snapshot: () => Promise<Snapshot | undefined>
  /** Keeps the state after an entry, so that what is before it may go; never rejects. */
  readonly save: (snapshot: Snapshot) => Promise<unknown>
  readonly openFleet: (handlers: FleetHandlers) => Fleet
  readonly delivery: Delivery
  readonly pass: () => Pass
  /** Names what was dropped; resolves when that is safe. */
  readonly onDropped: (ranges: readonly DroppedRange[]) => Promise<void>
  /** Keeps a few of the readings that are dropped, and brings them before the others. */
  readonly thinning: Thinning
  /** An exception escaped from one device's path. */
  readonly onInternalError: (device: string, error: unknown) => void
  readonly clock: Clock
}

/** Entries between two pauses: others have to live as well. */
const SLICE = 256
/** So many entries on the way are worth a snapshot: a connection lost again shall not cost all of them. */
const SNAPSHOT_ENTRIES = 200_000
/** The share of what waits that goes at a time when there is no room. */
const DROPPED_SHARE = 1 / 8
const MOST_DROPPED = 50_000

/**
 * Brings readings from the journal that could not go out when their frames came: a second fleet goes over the journal
 * from a snapshot on, silently up to what is due, and hands over the readings of that. Decoding is a function of the
 * journal alone, so they are what the live fleet would have said, under the same keys.
 */
export class Backlog {
  readonly #options: BacklogOptions
  readonly #fleet: Fleet
  #at = 0
  #savedAt = 0
  #reader: ReturnType<Journal['read']> | undefined
  #drop: DropRun | undefined
  /** What the live fleet had handled when dropping made no room: before more has come it would make none again. */
  #futileAt = 0
  #stopped = false
  #wake: () => void = () => {}

  constructor(options: BacklogOptions) {
    this.#options = options
    this.#fleet = options.openFleet({
      onVerdict: (verdict, session) => this.#verdict(verdict, session),
      onAccepted: () => {},
      onInternalError: options.onInternalError,
    })
  }

  /** The entry that it stands after: everything behind it has to be kept. */
  get at(): number {
    return this.#at
  }

  /** Goes on until it stands where the live fleet stands, and says so to the delivery; or until `stop`. */
  async run(): Promise<void> {
    const { journal, snapshot, delivery, thinning } = this.#options
    const kept = await snapshot()
    if (kept) {
      adoptPlan(this.#fleet, kept)
      await this.#restore(kept)
    }
    this.#at = this.#savedAt = kept?.ordinal ?? 0
    while (!this.#stopped) {
      const entries = await this.#next()
      // What is neither in memory nor to be read is damaged, and the journal has said so.
      if (entries.length === 0) {
        if (thinning.waiting && !this.#stopped) {
          await this.#bringThinned()
          continue
        }
        // Something may have come since it was asked for.
        if (journal.rest(this.#at).length > 0) continue
        // At once: an entry that comes from here on is the live fleet's to deliver.
        if (!this.#stopped) delivery.caughtUp(this.#fleet)
        return
      }
      await this.#handleAll(entries)
    }
  }

  /** Ends the run; what it has handed over stays so. */
  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  /** Something has changed: there may be room, or none in the journal. */
  wake(): void {
    this.#wake()
  }

  /** Device by device: others have to live as well. */
  async #restore({ devices }: Snapshot): Promise<void> {
    let restored = 0
    for (const [id, state] of devices) {
      this.#fleet.restoreDevice(id, state)
      if (++restored % SLICE === 0) await this.#pause()
      if (this.#stopped) return
    }
  }

  /** Entries after the one that it stands after; none where there is no other. */
  async #next(): Promise<readonly JournalEntry[]> {
    const { journal } = this.#options
    for (;;) {
      const recent = journal.recent(this.#at)
      if (recent) {
        this.#reader = undefined
        return recent
      }
      const { lastOrdinal } = journal
      this.#reader ??= journal.read(this.#at)
      const read = await this.#reader.next()
      if (read.length > 0) return read
      const [first, ...others] = journal.rest(this.#at)
      if (!first) return []
      // Else more has come meanwhile than is in memory: it is to be read.
      if (first.ordinal <= lastOrdinal + 1) return [first, ...others]
    }
  }

  async #handleAll(entries: readonly JournalEntry[]): Promise<void> {
    const { delivery } = this.#options
    for (const [index, entry] of entries.entries()) {
      if (index % SLICE === SLICE - 1) await this.#pause()
      const due = delivery.isDue(entry.ordinal)
      if (due) await this.#mayGoOn(entry.ordinal)
      if (this.#stopped) return
      if (due && entry.kind === 'dropped' && this.#drop) this.#drop.addRecord(entry)
      else if (due) delivery.carry(entry, this.#fleet)
      else takeTo(this.#fleet, entry)
      this.#at = entry.ordinal
      if (this.#drop) await this.#goOnDropping(this.#drop, entry)
      else if (this.#at - this.#savedAt >= SNAPSHOT_ENTRIES) await this.#save(entry)
    }
  }

  /** Resolves when the next entry may be handled, or the run is stopped. */
  async #mayGoOn(ordinal: number): Promise<void> {
    // Numbers that no entry has may lie between: a run ends with an entry, or what it dropped is never named.
    if (this.#drop) this.#drop.until = Math.max(this.#drop.until, ordinal)
    while (ordinal > (this.#drop?.until ?? 0) && !this.#stopped) {
      const { pass, delivery, thinning } = this.#options
      const next = pass()
      if (next === 'drop' && delivery.handled > this.#futileAt) {
        const count = this.#dropCount
        // At least this one: between it and the last there may be numbers that no entry has.
        this.#drop = new DropRun(Math.max(ordinal, this.#at + count), delivery, thinning)
      } else if (thinning.waiting) await this.#bringThinned()
      else if (next === 'deliver') return
      else await this.#change()
    }
  }

  /** Hands over one of the readings that were kept of those before, or waits where it may not. */
  async #bringThinned(): Promise<void> {
    const { pass, thinning } = this.#options
    if (pass() === 'deliver') await thinning.bring()
    else await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #verdict(verdict: Verdict, session: DeviceSession): void {
    const { delivery } = this.#options
    const { ordinal = 0 } = verdict.frame
    if (!delivery.isDue(ordinal)) return
    if (this.#drop && ordinal <= this.#drop.until) this.#drop.add(verdict, session)
    else delivery.deliver(verdict, session)
  }

  async #goOnDropping(drop: DropRun, entry: JournalEntry): Promise<void> {
    const { delivery, onDropped } = this.#options
    if (entry.ordinal < drop.until) {
      await drop.save()
      return
    }
    if (!drop.makesRoom && entry.ordinal < delivery.handled) {
      drop.until = entry.ordinal + this.#dropCount
      return
    }
    this.#drop = undefined
    const ranges = await drop.end()
    // All of it comes again, and is named then.
    if (this.#stopped) return
    await onDropped(ranges)
    if (this.#stopped) return
    if (!drop.makesRoom) this.#futileAt = delivery.handled
    await drop.release()
    await this.#save(entry)
  }

  get #dropCount(): number {
    const waiting = this.#options.delivery.handled - this.#at
    return Math.min(MOST_DROPPED, Math.ceil(waiting * DROPPED_SHARE))
  }

  async #save({ ordinal, mono, wall }: JournalEntry): Promise<void> {
    this.#savedAt = ordinal
    await this.#options.save({ ordinal, mono, wall, ...pictureOf(this.#fleet) })
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimer(0, resolve)
    })
  }
}
