import type { Clock, Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import { queuedBytes } from './publication-queue.js'

export interface RefusedStatesOptions {
  readonly clock: Clock
  /** Offers a state to the broker once more; false where nothing can be offered now. */
  readonly offer: (state: Publication) => boolean
}

interface Refused {
  /** Undefined while it is on its way again, or something newer of its topic is. */
  state: Publication | undefined
  bytes: number
  waitMs: number
  dueAt: number
}

/** A broker that refuses a state is asked again after so long, then after twice as long, and so on. */
const FIRST_MS = 30_000
const LONGEST_MS = 600_000
/** Topics that are remembered, and how much of what is to be said on them; of the others the next change tells. */
const MOST = 1000
const MOST_BYTES = 2 ** 20

/**
 * States that the broker has refused. A reading that is refused is given up; a state is what everybody goes by until it
 * changes, which may be never: it is offered again until it is taken, or something newer of its topic is.
 */
export class RefusedStates {
  readonly #options: RefusedStatesOptions
  /** By topic; the one that was refused longest ago is first. */
  readonly #refused = new Map<string, Refused>()
  #bytes = 0
  #cancelLook: Undo | undefined

  constructor(options: RefusedStatesOptions) {
    this.#options = options
  }

  /** Topics that do not hold what they should. */
  get size(): number {
    return this.#refused.size
  }

  /** Returns whether that is news of its topic. */
  refuse(state: Publication): boolean {
    const before = this.#refused.get(state.topic)
    this.taken(state.topic)
    const waitMs = before ? Math.min(2 * before.waitMs, LONGEST_MS) : FIRST_MS
    const dueAt = this.#options.clock.mono() + waitMs
    const bytes = queuedBytes(state)
    this.#refused.set(state.topic, { state, bytes, waitMs, dueAt })
    this.#bytes += bytes
    for (const [oldest] of this.#refused) {
      if (this.#refused.size <= MOST && this.#bytes <= MOST_BYTES) break
      this.taken(oldest)
    }
    this.#cancelLook ??= this.#options.clock.setTimer(FIRST_MS, () => this.#look())
    return before === undefined
  }

  /** Something newer of this topic is on its way. */
  replace(topic: string): void {
    const refused = this.#refused.get(topic)
    if (refused) this.#take(refused)
  }

  /** The broker has what it should have of this topic. */
  taken(topic: string): void {
    const refused = this.#refused.get(topic)
    if (!refused) return
    this.#take(refused)
    this.#refused.delete(topic)
  }

  /** Nothing is offered any more. */
  close(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
    this.#refused.clear()
    this.#bytes = 0
  }

  #look(): void {
    this.#cancelLook = undefined
    const { clock, offer } = this.#options
    const now = clock.mono()
    for (const [topic, refused] of this.#refused) {
      const { state, dueAt } = refused
      // Nothing was heard of it since: the topic is not in use any more.
      if (state === undefined && now - dueAt > LONGEST_MS) this.taken(topic)
      if (state === undefined || dueAt > now) continue
      // Before it is refused again.
      this.#take(refused)
      if (!offer(state)) this.#keep(refused, state)
    }
    if (this.#refused.size > 0) this.#cancelLook ??= clock.setTimer(FIRST_MS, () => this.#look())
  }

  #take(refused: Refused): void {
    this.#bytes -= refused.bytes
    refused.bytes = 0
    refused.state = undefined
  }

  #keep(refused: Refused, state: Publication): void {
    refused.state = state
    refused.bytes = queuedBytes(state)
    this.#bytes += refused.bytes
  }
}
