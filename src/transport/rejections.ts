import type { Clock } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import type { HealthCheck } from '../resilience/index.js'
import { reasonCode } from './broker-trouble.js'
import { defaultPoisonPolicy, PoisonWatch } from './poison-watch.js'
import type { QueuedPublication } from './publication-queue.js'
import { RefusedStates } from './refused-states.js'

export interface RejectionsOptions {
  readonly clock: Clock
  /** Offers a state once more that was refused; false where nothing can be offered now. */
  readonly offer: (state: Publication) => boolean
  /** A publication is given up, or a state refused that was not before. */
  readonly onPoison?: ((publication: Publication, reason: string) => void) | undefined
}

/** What is to become of a publication that the broker has refused; `not-now`: it takes nothing at all. */
export type Refusal = 'send-again' | 'not-now' | 'gone'

/** What is to be done where a connection is lost: give the oldest on its way up, connect again at once, neither. */
export type Loss = 'give-up' | 'hasten' | 'nothing'

/** It is said for so long that something was given up. */
const TOLD_MS = 600_000

/** What the broker does not take, by its own words or by closing the connection, and what becomes of that. */
export class Rejections {
  readonly #options: RejectionsOptions
  readonly #poison = new PoisonWatch()
  readonly #states: RefusedStates
  #givenUpAt = Number.NEGATIVE_INFINITY

  constructor(options: RejectionsOptions) {
    this.#options = options
    this.#states = new RefusedStates(options)
  }

  /** Publications have to be sent one at a time. */
  get isolating(): boolean {
    return this.#poison.isolating
  }

  /** Whether it need not be sent at all. */
  isGivenUp(publication: Publication): boolean {
    return (
      this.#poison.hasGivenUp && this.#poison.isGivenUp(publication, this.#options.clock.mono())
    )
  }

  /** A publication is on its way: what was refused of its topic is out of date. */
  replaces({ topic, whileAway }: Publication): void {
    if (whileAway === 'latest' && this.#states.size > 0) this.#states.replace(topic)
  }

  /** The broker has taken it. */
  taken(publication: Publication): void {
    this.#poison.taken(publication)
    if (publication.whileAway === 'latest' && this.#states.size > 0)
      this.#states.taken(publication.topic)
  }

  /** The connection is lost with this one as the oldest on its way, `afterMs` after something was sent last. */
  lost(oldest: Publication | undefined, afterMs: number): Loss {
    const now = this.#options.clock.mono()
    if (this.#poison.lost(oldest, afterMs, now) && oldest) {
      this.#giveUp(oldest, 'the broker closes the connection whenever it gets this')
      return 'give-up'
    }
    return this.#poison.hastens(now) ? 'hasten' : 'nothing'
  }

  /** The broker says that it does not want it: a right or a quota may come back at once, or later, or never. */
  refused({ publication, refusals }: QueuedPublication, error: Error): Refusal {
    if (refusals < defaultPoisonPolicy.tries) return 'send-again'
    const now = this.#options.clock.mono()
    // It is not this one: the broker is asked again later.
    if (!this.#poison.refused(publication, reasonCode(error), now)) return 'not-now'
    if (publication.whileAway !== 'latest') this.#giveUp(publication, error.message)
    else if (this.#states.refuse(publication))
      this.#options.onPoison?.(publication, `${error.message}; it is offered again`)
    return 'gone'
  }

  /** What is wrong; undefined where the broker takes all. */
  complaint(now: number): Pick<HealthCheck, 'status' | 'message'> | undefined {
    const { size } = this.#states
    if (size > 0) {
      const message = `refuses what is to be retained on ${size} topics: may this user publish there?`
      return { status: 'degraded', message }
    }
    if (now - this.#givenUpAt >= TOLD_MS) return undefined
    return { status: 'degraded', message: 'has not taken a publication, which was given up' }
  }

  /** Nothing is offered any more. */
  close(): void {
    this.#states.close()
  }

  #giveUp(publication: Publication, reason: string): void {
    const { clock, onPoison } = this.#options
    this.#givenUpAt = clock.mono()
    onPoison?.(publication, reason)
  }
}
