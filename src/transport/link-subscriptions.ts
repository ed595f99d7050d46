import type { Clock, Undo } from '../clock.js'
import { type TopicMatcher, topicMatcher } from '../topic-filter.js'
import type { BrokerConnection, IncomingMessage } from './broker-port.js'
import type { SendOutcome, SourceState } from './source.js'

export interface SubscriptionHandlers {
  onMessage(message: IncomingMessage): void
  /** `open` once the broker has granted the filter, `away` while it has not or cannot. */
  onState(state: SourceState): void
}

interface Subscription {
  readonly filter: string
  readonly qos: 0 | 1 | 2
  readonly matches: TopicMatcher
  readonly handlers: SubscriptionHandlers
}

const ANSWER_MS = 20_000
/** A refused filter is asked for again: rights may be granted while we run. */
const REFUSED_RETRY_MS = 60_000

/** What a link is subscribed to, whichever connection it is on: every SUBACK is awaited and checked. */
export class LinkSubscriptions {
  readonly #clock: Clock
  readonly #onTrouble: (code: string, reason: string) => void
  readonly #all = new Set<Subscription>()
  readonly #pending = new Set<string>()
  #connection: BrokerConnection | undefined
  #cancelDeadline: Undo = () => {}
  readonly #retries = new Map<string, Undo>()
  #waiting: (() => void)[] = []
  #unrouted = 0

  constructor(clock: Clock, onTrouble: (code: string, reason: string) => void) {
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  get unrouted(): number {
    return this.#unrouted
  }

  add(
    filter: string,
    qos: 0 | 1 | 2,
    handlers: SubscriptionHandlers,
    linkState: SourceState,
  ): Undo {
    const subscription = { filter, qos, handlers, matches: topicMatcher(filter) }
    this.#all.add(subscription)
    handlers.onState(linkState.kind === 'away' ? linkState : { kind: 'opening' })
    if (this.#connection) this.#ask(filter)
    return () => {
      if (!this.#all.delete(subscription) || this.#sharing(filter).length > 0) return
      this.#connection?.unsubscribe(filter)
      this.#answered(filter)
    }
  }

  /** Resolves once a connection has answered every filter, or the subscriptions are detached for good. */
  answered(): Promise<void> {
    if (this.#connection && this.#pending.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  attach(connection: BrokerConnection): void {
    this.#connection = connection
    for (const filter of new Set([...this.#all].map((each) => each.filter))) this.#ask(filter)
    this.#release()
  }

  detach(): void {
    this.#connection = undefined
    this.#pending.clear()
    this.#cancelDeadline()
    for (const cancel of this.#retries.values()) cancel()
    this.#retries.clear()
  }

  /** The link is open, away or stopped; `open` counts here only once a filter is granted. */
  linkChanged(state: SourceState): void {
    if (state.kind === 'open') return
    if (state.kind === 'stopped') this.#release(true)
    const told = state.kind === 'stopped' ? this.#away('stopped', 'the link is stopped') : state
    for (const { handlers } of [...this.#all]) handlers.onState(told)
  }

  deliver(message: IncomingMessage): void {
    let routed = false
    for (const { matches, handlers } of this.#all) {
      if (!matches(message.topic)) continue
      routed = true
      handlers.onMessage(message)
    }
    if (!routed) this.#unrouted++
  }

  #ask(filter: string): void {
    const connection = this.#connection
    const sharing = this.#sharing(filter)
    if (!connection || sharing.length === 0) return
    const qos = ([2, 1] as const).find((level) => sharing.some((each) => each.qos === level)) ?? 0
    if (this.#pending.size === 0) {
      this.#cancelDeadline = this.#clock.setTimer(ANSWER_MS, () =>
        this.#onTrouble('suback-timeout', 'the broker does not answer our subscriptions'),
      )
    }
    this.#pending.add(filter)
    connection.subscribe(filter, qos, (outcome) => {
      if (connection === this.#connection) this.#settle(filter, outcome)
    })
  }

  #settle(filter: string, outcome: SendOutcome): void {
    const state: SourceState = outcome.ok
      ? { kind: 'open', since: this.#clock.mono() }
      : this.#away('subscription-refused', `the broker refuses '${filter}': ${outcome.reason}`)
    if (!outcome.ok) {
      const again = this.#clock.setTimer(REFUSED_RETRY_MS, () => this.#ask(filter))
      this.#retries.set(filter, again)
    }
    for (const { handlers } of this.#sharing(filter)) handlers.onState(state)
    this.#answered(filter)
  }

  #answered(filter: string): void {
    this.#pending.delete(filter)
    if (this.#pending.size === 0) this.#cancelDeadline()
    this.#release()
  }

  #release(forGood = false): void {
    if (!forGood && (!this.#connection || this.#pending.size > 0)) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #sharing(filter: string): Subscription[] {
    return [...this.#all].filter((each) => each.filter === filter)
  }

  #away(code: string, reason: string): SourceState {
    return { kind: 'away', since: this.#clock.mono(), code, reason, attempts: 0 }
  }
}
