import type { DeviceSession, Fleet, FleetOrder, Verdict } from '../device/index.js'
import type { DroppedEntry, JournalEntry } from '../journal/index.js'
import type { Publication } from '../outputs/index.js'
import type { Settlement } from './settlement.js'

/** The way out, as far as readings need it. */
export interface Outlet {
  /** `settled` comes once, when the publication's way has ended for good. */
  publish(publication: Publication, settled?: () => void): void
  /** Whether more may be handed over now. */
  room(): boolean
}

/** How verdicts and gap records are worded; what they return must arrive, in this order. */
export interface DeliveryWords {
  readings(verdict: Verdict, session: DeviceSession): readonly Publication[]
  dropped(entry: DroppedEntry): readonly Publication[]
}

export interface DeliveryOptions {
  /** The fleet that is always up to date: events, status and requests come from it. */
  readonly live: Fleet
  readonly outlet: Outlet
  readonly words: DeliveryWords
  readonly settlement: Settlement
  /** Everything of a verdict but its readings: said once, when the frame comes in. */
  readonly aside: (verdict: Verdict, session: DeviceSession) => void
  /** From now on readings stay in the journal: somebody has to bring them from there. */
  readonly onBehind: () => void
}

/**
 * Takes committed entries to the live fleet, and the readings of its verdicts to the outlet. Where the outlet has no
 * room the readings stay in the journal, from where another fleet brings them later; the live one never waits.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  /** The first entry whose readings wait in the journal; undefined while they go out at once. */
  #dueFrom: number | undefined
  #handled = 0
  #handledMono = Number.NEGATIVE_INFINITY
  #releasedUntil = Number.NEGATIVE_INFINITY
  #replaying = false

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Ordinal of the entry that the live fleet stands after. */
  get handled(): number {
    return this.#handled
  }

  get behind(): boolean {
    return this.#dueFrom !== undefined
  }

  /** Whether the readings of this entry have to be brought from the journal. */
  isDue(ordinal: number): boolean {
    return this.#dueFrom !== undefined && ordinal >= this.#dueFrom
  }

  /** The live fleet hears again what it heard in an earlier run: nothing is said. */
  replay(entry: JournalEntry): void {
    this.#replaying = true
    takeTo(this.#options.live, entry)
    this.#replaying = false
    this.#handled = entry.ordinal
  }

  /** The replay is over; the journal ends at `ordinal`, and what has not settled by then is due. */
  resume(ordinal: number): void {
    this.#handled = ordinal
    if (this.#options.settlement.reached < ordinal) this.fallBehind()
  }

  /** Handles one committed entry. */
  handle(entry: JournalEntry): void {
    const { outlet, live, settlement } = this.#options
    if (!this.behind && !outlet.room()) this.#wait(settlement.firstAwaiting ?? entry.ordinal)
    if (this.behind) takeTo(live, entry)
    else this.carry(entry, live)
    this.#handled = entry.ordinal
    this.#handledMono = entry.mono
  }

  /** Lets go what the live fleet held for its order; `idle`: no entry is on its way, so that it may be as late as `now`. */
  release(idle: boolean, now: number): void {
    this.#releasedUntil = idle ? now : this.#handledMono
    this.#options.live.release(this.#releasedUntil)
  }

  /** Takes an entry to a fleet whose verdicts come to `deliver`, and counts it until all of it has settled. */
  carry(entry: JournalEntry, fleet: Fleet): void {
    const { settlement, words } = this.#options
    settlement.begin(entry.ordinal)
    let verdicts = takeTo(fleet, entry)
    if (entry.kind === 'dropped') {
      verdicts++
      this.#send(entry.ordinal, words.dropped(entry))
    }
    settlement.end(entry.ordinal, verdicts)
  }

  /** A verdict of the live fleet. */
  verdict(verdict: Verdict, session: DeviceSession): void {
    if (this.#replaying) return
    this.#options.aside(verdict, session)
    if (!this.behind) this.deliver(verdict, session)
  }

  /** Hands a verdict's readings to the outlet. */
  deliver(verdict: Verdict, session: DeviceSession): void {
    const { ordinal = 0 } = verdict.frame
    this.#send(ordinal, this.#options.words.readings(verdict, session))
  }

  /** Gives a verdict's readings up. */
  drop(verdict: Verdict): void {
    this.#options.settlement.verdict(verdict.frame.ordinal ?? 0, 0)
  }

  /** Gives a verdict's readings up once the result is called. */
  hold(verdict: Verdict): () => void {
    return this.#options.settlement.verdict(verdict.frame.ordinal ?? 0, 1)
  }

  /** Counts a record of dropped readings that is not said, until the result is called. */
  holdRecord({ ordinal }: DroppedEntry): () => void {
    const { settlement } = this.#options
    settlement.begin(ordinal)
    const release = settlement.verdict(ordinal, 1)
    settlement.end(ordinal, 1)
    return release
  }

  /** What has not settled is due again: what was on its way is lost. */
  fallBehind(): void {
    this.#wait(this.#options.settlement.reached + 1)
  }

  /** `fleet` has brought the readings up to the last entry: it lets go what the live fleet has let go since. */
  caughtUp(fleet: Fleet): void {
    fleet.release(this.#releasedUntil)
    this.#dueFrom = undefined
  }

  #wait(dueFrom: number): void {
    this.#options.settlement.rewind(dueFrom - 1)
    this.#dueFrom = dueFrom
    this.#options.onBehind()
  }

  #send(ordinal: number, publications: readonly Publication[]): void {
    const { settlement, outlet } = this.#options
    const settled = settlement.verdict(ordinal, publications.length)
    for (const publication of publications) outlet.publish(publication, settled)
  }
}

/** Takes an entry to a fleet; returns how many verdicts it has in all. */
export function takeTo(fleet: Fleet, entry: JournalEntry): number {
  switch (entry.kind) {
    case 'frame':
      return fleet.accept(entry.frame)
    case 'state':
      fleet.restoreDevice(entry.device, entry.state)
      return 0
    case 'order':
      fleet.obey(entry.order as FleetOrder, entry)
      return 0
    case 'dropped':
      return 0
  }
}
