import type {
  BrokerConnection,
  ConnectionEnd,
  ConnectionHandlers,
  OutgoingMessage,
} from '../../src/transport/broker-port.js'
import type { SendOutcome } from '../../src/transport/source.js'
import type { Agenda } from './agenda.js'
import type { Sent } from './broker-session.js'
import { Lane } from './lane.js'

/** What a connection needs of the broker at its other end. */
export interface BrokerSide {
  readonly agenda: Agenda
  /** How long the next thing takes on its way. */
  latencyMs(way: string): number
  /** The name of a new connection of this client, which no other has. */
  nameFor(clientId: string): string
  /** CONNECT has arrived; answers by `accepted` or `refused`. */
  connect(connection: SimConnection): void
  /** Undefined: no answer, as where the connection breaks right now. */
  publish(connection: SimConnection, message: OutgoingMessage): 'taken' | 'refused' | undefined
  subscribe(connection: SimConnection, filter: string, qos: 0 | 1): SendOutcome
  subscribed(connection: SimConnection, filter: string): void
  unsubscribe(connection: SimConnection, filter: string): void
  acknowledge(connection: SimConnection, id: number): void
  /** The broker sees that the connection is over. */
  gone(connection: SimConnection, graceful: boolean): void
  /** The client hears of a message now. */
  received(sent: Sent): void
  /** The client has let an acknowledgement go. */
  released(sent: Sent): void
}

/** The client's view of time: whatever it hears, it hears by `enter`. */
export interface ClientSide {
  enter(entry: () => void): void
}

export interface Identity {
  readonly clientId: string
  readonly clean: boolean
  readonly will?: OutgoingMessage
}

/** After so long without a word the broker, or the client, gives a connection up: 1.5 × keepalive. */
const KEEPALIVE_MS = 22_500
const GOODBYE_MS = 500

interface Receiving {
  readonly sent: Sent
  holds: number
}

/** One connection between a client and the broker, both its ends. */
export class SimConnection implements BrokerConnection {
  readonly identity: Identity
  readonly name: string
  readonly #broker: BrokerSide
  readonly #client: ClientSide
  readonly #handlers: ConnectionHandlers
  readonly #up: Lane
  readonly #down: Lane
  /** Messages whose PUBACK is still to be sent, in their order. */
  #receiving: Receiving[] = []
  /** Whether the client keeps acknowledgements back while it is told to. */
  readonly #holds: boolean
  /** The client has said goodbye: what still comes it neither hears nor acknowledges. */
  #leaving = false
  #clientOver = false
  #brokerOver = false
  #stuck = false

  constructor(
    identity: Identity,
    broker: BrokerSide,
    client: ClientSide,
    handlers: ConnectionHandlers,
    holds = true,
  ) {
    this.#holds = holds
    this.identity = identity
    this.#broker = broker
    this.#client = client
    this.#handlers = handlers
    this.name = broker.nameFor(identity.clientId)
    this.#up = this.#lane('up')
    this.#down = this.#lane('down')
    this.#up.send(() => broker.connect(this))
  }

  /** Neither end has it any more. */
  get isOver(): boolean {
    return this.#brokerOver && this.#clientOver
  }

  // The client's end.

  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    if (this.#clientOver) return
    // What is handed over may be reused by its owner.
    const { payload } = message
    const kept = { ...message, payload: typeof payload === 'string' ? payload : payload.slice() }
    const answer = (error?: Error) => this.#tellClient(() => done(error))
    this.#up.send(() => {
      const outcome = this.#broker.publish(this, kept)
      if (outcome === undefined || message.qos === 0) return
      this.#down.send(() => answer(outcome === 'refused' ? new Error('refused') : undefined))
    })
    if (message.qos === 0) this.#broker.agenda.after(0, () => answer())
  }

  subscribe(filter: string, qos: 0 | 1 | 2, done: (outcome: SendOutcome) => void): void {
    if (this.#clientOver) return
    this.#up.send(() => {
      const outcome = this.#broker.subscribe(this, filter, qos === 0 ? 0 : 1)
      this.#down.send(() => this.#tellClient(() => done(outcome)))
      if (outcome.ok) this.#broker.subscribed(this, filter)
    })
  }

  unsubscribe(filter: string): void {
    this.#up.send(() => this.#broker.unsubscribe(this, filter))
  }

  close(): void {
    if (this.#clientOver) return
    this.#leaving = true
    this.#up.send(() => this.#endBroker(true))
    this.#broker.agenda.after(GOODBYE_MS, () => this.#endClient(closedByUs))
  }

  abort(): void {
    if (this.#clientOver) return
    this.#leaving = true
    this.#broker.agenda.after(0, () => this.#endClient(closedByUs))
    this.#noticeAtBroker()
  }

  // The broker's end.

  accepted(resumed: boolean): void {
    this.#down.send(() => this.#tellClient(() => this.#handlers.onConnected(resumed)))
  }

  refused(code: number): void {
    this.#brokerOver = true
    this.#down.send(() => this.#endClient({ code: `connack-${code}`, reason: 'refused' }))
  }

  deliver(sent: Sent): void {
    this.#down.send(() => this.#tellClient(() => this.#receive(sent)))
  }

  // What happens to it.

  /** The connection breaks; each end sees it after a while. */
  cut(end: ConnectionEnd = { code: 'ECONNRESET', reason: 'the connection broke' }): void {
    this.#up.cut()
    this.#down.cut()
    const broker = this.#broker
    const afterAWhile = (ends: () => void) =>
      broker.agenda.after(broker.latencyMs(`${this.name} break`), ends)
    if (!this.#clientOver) afterAWhile(() => this.#endClient(end))
    if (!this.#brokerOver) afterAWhile(() => this.#endBroker(false))
  }

  /** Nothing passes any more, and nobody is told: each end finds out by itself. */
  stick(): void {
    if (this.#stuck) return
    this.#stuck = true
    this.#up.stick()
    this.#down.stick()
    const end = { code: 'keepalive-timeout', reason: 'the broker does not answer' }
    this.#broker.agenda.after(KEEPALIVE_MS, () => this.#endClient(end))
    this.#broker.agenda.after(KEEPALIVE_MS, () => this.#endBroker(false))
  }

  /** The client's process is dead; the system says goodbye for it unless the machine is dead too. */
  orphan(silently: boolean): void {
    this.#clientOver = true
    this.#down.cut()
    if (silently) this.#broker.agenda.after(KEEPALIVE_MS, () => this.#endBroker(false))
    else this.#noticeAtBroker()
  }

  #lane(direction: 'up' | 'down'): Lane {
    const way = `${this.name} ${direction}`
    return new Lane(this.#broker.agenda, () => this.#broker.latencyMs(way))
  }

  #noticeAtBroker(): void {
    this.#up.send(() => this.#endBroker(false))
    this.#broker.agenda.after(KEEPALIVE_MS, () => this.#endBroker(false))
  }

  #tellClient(tell: () => void): void {
    this.#client.enter(() => {
      if (!this.#clientOver) tell()
    })
  }

  #endClient(end: ConnectionEnd): void {
    this.#client.enter(() => {
      if (this.#clientOver) return
      this.#clientOver = true
      this.#receiving = []
      this.#down.cut()
      this.#handlers.onClosed(end)
    })
  }

  #endBroker(graceful: boolean): void {
    if (this.#brokerOver) return
    this.#brokerOver = true
    this.#up.cut()
    this.#broker.gone(this, graceful)
    if (graceful) this.#endClientSoon()
  }

  #endClientSoon(): void {
    this.#down.send(() => this.#endClient(closedByUs))
  }

  #receive(sent: Sent): void {
    const { topic, payload, qos, retain } = sent.message
    if (this.#leaving) return
    this.#broker.received(sent)
    if (qos === 0) {
      this.#handlers.onMessage({ topic, payload: payload.slice(), qos, retain })
      return
    }
    const receiving: Receiving = { sent, holds: 1 }
    this.#receiving.push(receiving)
    const hold = () => {
      if (!this.#holds) return () => {}
      receiving.holds++
      return () => this.#letGo(receiving)
    }
    const message = { topic, payload: payload.slice(), qos, retain, hold }
    this.#handlers.onMessage(message)
    this.#letGo(receiving)
  }

  /** PUBACKs leave in the order of the messages [MQTT-4.6.0-2]. */
  #letGo(receiving: Receiving): void {
    receiving.holds--
    while (this.#receiving[0]?.holds === 0) {
      const sent = this.#receiving.shift()?.sent
      if (!sent || this.#clientOver || this.#leaving) continue
      this.#broker.released(sent)
      this.#up.send(() => this.#broker.acknowledge(this, sent.id))
    }
  }
}

const closedByUs: ConnectionEnd = { code: 'stopped', reason: 'closed by us' }
