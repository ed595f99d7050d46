import type { Clock, Undo } from '../clock.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import type {
  BrokerAbilities,
  BrokerConnection,
  BrokerDoor,
  ConnectionEnd,
  OutgoingMessage,
} from './broker-port.js'
import { LinkSubscriptions, type SubscriptionHandlers } from './link-subscriptions.js'
import { defaultReconnectPolicy, reconnectDelay } from './reconnect-delay.js'
import type { SourceState } from './source.js'

export interface MqttLinkOptions {
  /** Component name in health reports, e.g. `broker` or `broker:input`. */
  readonly name: string
  readonly door: BrokerDoor
  readonly clock: Clock
  /** A number in [0, 1), for the jitter of the waits. */
  readonly random: () => number
}

export interface LinkCounters {
  readonly connections: number
  /** Connections that the broker began without the session it should have kept. */
  readonly sessionsLost: number
  /** Messages that matched none of our subscriptions any more. */
  readonly unrouted: number
}

interface Session {
  readonly connection: BrokerConnection
  /** Set where we ended it ourselves. */
  dropped?: ConnectionEnd
}

/** A connection that held this long was a good one: the waits begin small again. */
const STABLE_MS = 5000
const HASTY_MS = 100
/** So many connections taken over within so long mean that another client has our id. */
const TAKE_OVERS = Object.freeze({ times: 3, withinMs: 60_000, pauseMs: 300_000 })
/** A broker that refuses us is asked less and less often, but for ever. */
const refusedPolicy = Object.freeze({ ...defaultReconnectPolicy, maxMs: 60_000 })

/** Keeps one connection to a broker open for ever, with our subscriptions on it. */
export class MqttLink implements HealthCheckable {
  readonly #options: MqttLinkOptions
  readonly #subscriptions: LinkSubscriptions
  readonly #listeners = new Set<(state: SourceState) => void>()
  #state: SourceState = { kind: 'stopped' }
  #session: Session | undefined
  #closed: Promise<void> = Promise.resolve()
  #cancelRetry: Undo = () => {}
  #previousDelay = 0
  #attempts = 0
  #suspended = false
  /** When connections were taken over lately. */
  #takeOvers: readonly number[] = []
  #mostUnacknowledged = Number.POSITIVE_INFINITY
  #connections = 0
  #sessionsLost = 0

  constructor(options: MqttLinkOptions) {
    this.#options = options
    this.#subscriptions = new LinkSubscriptions(options.clock, (code, reason) =>
      this.drop(code, reason),
    )
  }

  get state(): SourceState {
    return this.#state
  }

  get address(): string {
    return this.#options.door.address
  }

  /** So many messages the broker lets wait for its acknowledgement: more would only wait here. */
  get mostUnacknowledged(): number {
    return this.#mostUnacknowledged
  }

  counters(): LinkCounters {
    return {
      connections: this.#connections,
      sessionsLost: this.#sessionsLost,
      unrouted: this.#subscriptions.unrouted,
    }
  }

  /** Tells of every change of state from now on. */
  onState(listener: (state: SourceState) => void): Undo {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Subscribes now and again at every connect; the undo unsubscribes where nobody else wants the filter. */
  subscribe(filter: string, qos: 0 | 1 | 2, handlers: SubscriptionHandlers): Undo {
    return this.#subscriptions.add(filter, qos, handlers, this.#state)
  }

  /** Resolves once the link is open and the broker has answered every subscription, or the link is stopped. */
  subscribed(): Promise<void> {
    return this.#state.kind === 'stopped' ? Promise.resolve() : this.#subscriptions.answered()
  }

  /** Hands a message to the broker, or returns false while the link is not open: nothing is kept. */
  publish(message: OutgoingMessage, done: (error?: Error) => void): boolean {
    if (this.#state.kind !== 'open' || !this.#session) return false
    this.#session.connection.publish(message, done)
    return true
  }

  start(): void {
    if (this.#state.kind !== 'stopped') return
    this.#previousDelay = 0
    this.#attempts = 0
    this.#change({ kind: 'opening' })
    if (!this.#suspended) this.#open()
  }

  /** Resolves once the connection is closed; it will not be opened again. */
  async stop(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#cancelRetry()
    this.#subscriptions.detach()
    if (this.#state.kind !== 'stopped') this.#change({ kind: 'stopped' })
    session?.connection.close()
    await this.#closed
  }

  /** Connects again within a moment, where it waits to: who was just thrown out has a reason to try. */
  hasten(): void {
    if (this.#state.kind !== 'away' || this.#session || this.#suspended) return
    this.#takeOvers = []
    this.#cancelRetry()
    this.#cancelRetry = this.#options.clock.setTimer(HASTY_MS, () => this.#open())
  }

  /** Gives the connection up on purpose and opens no other before `resume`: the broker keeps what comes. */
  suspend(code: string, reason: string): void {
    this.#suspended = true
    this.#cancelRetry()
    if (this.#session) this.drop(code, reason)
    else if (this.#state.kind === 'away') this.#change({ ...this.#state, code, reason })
  }

  resume(): void {
    if (!this.#suspended) return
    this.#suspended = false
    if (this.#state.kind !== 'stopped' && !this.#session) this.#open()
  }

  /** Gives this connection up, as after a missed deadline; the link opens a new one. */
  drop(code: string, reason: string): void {
    const session = this.#session
    if (!session || session.dropped) return
    session.dropped = { code, reason }
    session.connection.abort()
  }

  healthCheck(now: number): HealthCheck {
    const state = this.#state
    const check = { component: this.#options.name, checkedAt: now }
    if (state.kind === 'open') {
      const lost = this.#sessionsLost
      const memory = lost > 0 ? `; session_lost: it has forgotten us ${lost} times` : ''
      return { ...check, status: 'healthy', message: `connected to ${this.address}${memory}` }
    }
    if (state.kind === 'away') {
      const message = `${state.reason} (${state.code}), tried ${state.attempts} times`
      return { ...check, status: 'unhealthy', message }
    }
    return { ...check, status: 'unknown', message: `${state.kind}: ${this.address}` }
  }

  #open(): void {
    let resolveClosed = () => {}
    const closed = new Promise<void>((resolve) => {
      resolveClosed = resolve
    })
    this.#closed = this.#closed.then(() => closed)
    // A connection that is no longer ours may still speak until it is closed: nobody listens.
    const isOurs = () => this.#session === session
    const session: Session = {
      connection: this.#options.door.open({
        onConnected: (resumed, abilities) =>
          isOurs() && this.#onConnected(session.connection, resumed, abilities),
        onMessage: (message) => isOurs() && this.#subscriptions.deliver(message),
        onClosed: (end) => {
          if (isOurs()) this.#onClosed(session.dropped ?? end)
          resolveClosed()
        },
      }),
    }
    this.#session = session
  }

  #onConnected(
    connection: BrokerConnection,
    resumed: boolean,
    abilities: BrokerAbilities | undefined,
  ): void {
    const { clock, door } = this.#options
    this.#mostUnacknowledged = abilities?.mostUnacknowledged ?? Number.POSITIVE_INFINITY
    const sessionLost = door.keepsSession && !resumed && this.#connections > 0
    if (sessionLost) this.#sessionsLost++
    this.#connections++
    this.#change({ kind: 'open', since: clock.mono(), ...(sessionLost && { sessionLost }) })
    this.#subscriptions.attach(connection)
  }

  #onClosed(end: ConnectionEnd): void {
    this.#session = undefined
    this.#subscriptions.detach()
    const { clock, random } = this.#options
    const now = clock.mono()
    const since = this.#state.kind === 'away' ? this.#state.since : now
    if (this.#state.kind === 'open' && now - this.#state.since >= STABLE_MS) {
      this.#previousDelay = 0
      this.#attempts = 0
    }
    this.#attempts++
    if (this.#takenOver(end, now)) {
      this.#standAside(now)
      return
    }
    const policy = /^connack-(?:[45]|13[3458])$/.test(end.code)
      ? refusedPolicy
      : defaultReconnectPolicy
    this.#previousDelay = reconnectDelay(this.#previousDelay, random(), policy)
    if (!this.#suspended) {
      this.#cancelRetry = clock.setTimer(this.#previousDelay, () => this.#open())
    }
    this.#change({ kind: 'away', since, ...end, attempts: this.#attempts })
  }

  /** Whether two clients of one id throw each other out: nothing else ends connections like this, again and again. */
  #takenOver({ code }: ConnectionEnd, now: number): boolean {
    const open = this.#state.kind === 'open' ? this.#state.since : undefined
    const isOne = code === 'taken-over' || (code === 'closed' && open !== undefined)
    if (!isOne || (open !== undefined && now - open > TAKE_OVERS.withinMs)) this.#takeOvers = []
    if (!isOne) return false
    this.#takeOvers = [...this.#takeOvers, now].filter((at) => now - at <= TAKE_OVERS.withinMs)
    return this.#takeOvers.length >= TAKE_OVERS.times
  }

  /** Lets the other client work, and says so. */
  #standAside(now: number): void {
    this.#takeOvers = []
    this.#previousDelay = 0
    const reason = 'another client connects with our id: are there two bridges of one name?'
    if (!this.#suspended) {
      this.#cancelRetry = this.#options.clock.setTimer(TAKE_OVERS.pauseMs, () => this.#open())
    }
    const attempts = this.#attempts
    this.#change({ kind: 'away', since: now, code: 'client_id_conflict', reason, attempts })
  }

  #change(state: SourceState): void {
    this.#state = state
    this.#subscriptions.linkChanged(state)
    for (const listener of [...this.#listeners]) listener(state)
  }
}
