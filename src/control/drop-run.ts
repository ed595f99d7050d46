import type { DeviceSession, Verdict } from '../device/index.js'
import type { Delivery } from './delivery.js'
import { type DroppedRange, DropTally } from './drop-tally.js'
import type { Thinning } from './thinning.js'

/**
 * Gives up the readings of a run of entries, all but what thinning keeps. None of the run counts as settled before it is
 * released: what is lost to a crash on the way is dropped again, and named.
 */
export class DropRun {
  /** The last entry of it. */
  readonly until: number
  readonly #delivery: Delivery
  readonly #thinning: Thinning
  readonly #dropped = new DropTally()
  #ranges: DroppedRange[] = []
  #release: (() => void) | undefined

  constructor(until: number, delivery: Delivery, thinning: Thinning) {
    this.until = until
    this.#delivery = delivery
    this.#thinning = thinning
  }

  add(verdict: Verdict, session: DeviceSession): void {
    // As long as the first has not settled, none behind it counts.
    if (this.#release === undefined) this.#release = this.#delivery.hold(verdict)
    else this.#delivery.drop(verdict)
    if (verdict.kind !== 'readings' || this.#thinning.keep(verdict, session)) return
    this.#dropped.add(verdict)
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
