import type { DeviceSession, Verdict } from '../device/index.js'
import type { DroppedEntry } from '../journal/index.js'
import type { Delivery } from './delivery.js'
import { type DroppedRange, DropTally } from './drop-tally.js'
import type { Thinning } from './thinning.js'

/**
 * Gives up the readings of a run of entries, all but what thinning keeps. None of the run counts as settled before it is
 * released: what is lost to a crash on the way is dropped again, and named.
 */
export class DropRun {
  /** The last entry of it. */
  until: number
  readonly #delivery: Delivery
  readonly #thinning: Thinning
  readonly #dropped = new DropTally()
  #ranges: DroppedRange[] = []
  #release: (() => void) | undefined
  #verdicts = 0
  #records = 0

  constructor(until: number, delivery: Delivery, thinning: Thinning) {
    this.until = until
    this.#delivery = delivery
    this.#thinning = thinning
  }

  /** Whether more goes than has to be written about it. */
  get makesRoom(): boolean {
    return this.#verdicts > this.#records
  }

  add(verdict: Verdict, session: DeviceSession): void {
    this.#verdicts++
    // As long as the first has not settled, none behind it counts.
    if (this.#release === undefined) this.#release = this.#delivery.hold(verdict)
    else this.#delivery.drop(verdict)
    if (verdict.kind !== 'readings' || this.#thinning.keep(verdict, session)) return
    this.#dropped.add(verdict)
  }

  /** A record of readings that were dropped before: it is joined with what is dropped now, or the records would fill the journal. */
  addRecord(record: DroppedEntry): void {
    this.#records++
    const release = this.#delivery.holdRecord(record)
    if (this.#release === undefined) this.#release = release
    else release()
    const { device, fromKey, toKey, count } = record
    this.#dropped.addRange({ device, fromKey, toKey, count })
  }

  /** Makes safe what was kept, once it is much. */
  async save(): Promise<void> {
    if (this.#thinning.isGroupFull) this.#ranges.push(...(await this.#thinning.save()))
  }

  /** What was kept is safe; returns what was dropped. */
  async end(): Promise<readonly DroppedRange[]> {
    const unkept = await this.#thinning.save()
    return [...this.#ranges, ...unkept, ...this.#dropped.take()]
  }

  /** What was dropped is named: the run counts as settled. */
  async release(): Promise<void> {
    this.#release?.()
    await this.#thinning.named()
  }
}
