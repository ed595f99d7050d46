import { type TopicMatcher, topicMatcher } from '../../src/topic-filter.js'

/** A message in the broker. */
export interface Held {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1
  /** From the store of retained messages: sent on account of a subscription. */
  readonly retain: boolean
}

/** A message that was sent to a client and awaits its acknowledgement. */
export interface Sent {
  readonly id: number
  readonly message: Held
}

/** What a broker keeps of a client over its connections. */
export class BrokerSession {
  readonly clientId: string
  readonly #window: number
  readonly #maxQueued: number
  readonly #filters = new Map<string, { readonly qos: 0 | 1; readonly matches: TopicMatcher }>()
  #queue: Held[] = []
  #inFlight: Sent[] = []
  #lastId = 0
  /** Messages that found the queue full. */
  dropped = 0

  constructor(clientId: string, window: number, maxQueued: number) {
    this.clientId = clientId
    this.#window = window
    this.#maxQueued = maxQueued
  }

  subscribe(filter: string, qos: 0 | 1): void {
    this.#filters.set(filter, { qos, matches: topicMatcher(filter) })
  }

  unsubscribe(filter: string): void {
    this.#filters.delete(filter)
  }

  /** At which quality a message of this topic comes to the client; undefined where it does not. */
  wants(topic: string): 0 | 1 | undefined {
    let best: 0 | 1 | undefined
    for (const { qos, matches } of this.#filters.values()) {
      if (matches(topic) && (best === undefined || qos > best)) best = qos
    }
    return best
  }

  push(message: Held): void {
    if (this.#queue.length < this.#maxQueued) this.#queue.push(message)
    else this.dropped++
  }

  /** The next message that the window has room for. */
  next(): Sent | undefined {
    if (this.#inFlight.length >= this.#window) return undefined
    const message = this.#queue.shift()
    if (!message) return undefined
    const sent = { id: ++this.#lastId, message }
    this.#inFlight.push(sent)
    return sent
  }

  acknowledge(id: number): void {
    this.#inFlight = this.#inFlight.filter((sent) => sent.id !== id)
  }

  /** What a new connection of the client gets once more. */
  get unacknowledged(): readonly Sent[] {
    return [...this.#inFlight]
  }
}
