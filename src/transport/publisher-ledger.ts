import type { GoneReason, QueuedPublication } from './publication-queue.js'
import { type DropReason, noCounts, type PublisherCounters } from './publisher-options.js'
import { ReasonCounts } from './source-counters.js'

/** How the way of each publication ends: it is told to whoever waits for it, and counted under one name. */
export class PublisherLedger {
  readonly counts = noCounts()
  readonly #dropped = new ReasonCounts()

  acknowledge({ settled }: QueuedPublication): void {
    this.counts.acknowledged++
    settled?.()
  }

  supersede({ settled }: QueuedPublication): void {
    this.counts.superseded++
    settled?.()
  }

  drop({ settled }: QueuedPublication, reason: DropReason): void {
    this.#dropped.add(reason)
    settled?.()
  }

  /** It has left the queue without being sent. */
  leave(entry: QueuedPublication, reason: GoneReason): void {
    if (reason === 'superseded') this.supersede(entry)
    else this.drop(entry, reason)
  }

  /** Nothing is sent any more; who waits for it will publish it again. */
  stop(entry: QueuedPublication): void {
    if (entry.settled) this.counts.givenBack++
    else this.drop(entry, 'stopped')
  }

  snapshot(): Omit<PublisherCounters, 'queuedMessages' | 'queuedBytes' | 'inFlight'> {
    return { ...this.counts, dropped: this.#dropped.snapshot() }
  }
}
