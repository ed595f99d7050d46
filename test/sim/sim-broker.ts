import type { BrokerDoor, OutgoingMessage } from '../../src/transport/broker-port.js'
import type { SendOutcome } from '../../src/transport/source.js'
import type { Agenda } from './agenda.js'
import { BrokerSession, type Held, type Sent } from './broker-session.js'
import { type BrokerSide, type ClientSide, type Identity, SimConnection } from './sim-connection.js'

export interface SimBrokerOptions {
  readonly agenda: Agenda
  /** How long the next thing takes on one way of a connection. */
  readonly latencyMs: (way: string) => number
  /** QoS 1 messages that a client may have unacknowledged. */
  readonly window: number
  /** QoS 1 messages that wait for a client. */
  readonly maxQueued: number
  /** Hears of everything that is published, as the broker takes it. */
  readonly onPublished: (message: OutgoingMessage, by: SimConnection | undefined) => void
  /** Hears of each message that comes to a client, as it comes. */
  readonly onReceived: (message: Held) => void
  /** Hears of each QoS 1 message that a client promises to have taken. */
  readonly onReleased: (message: Held) => void
  /** Whether the connection breaks instead of carrying the next PUBACK to a client. */
  readonly breaksAtAck: (connection: string) => boolean
  /** Whether the broker refuses to take a publication, for good or for bad reasons. */
  readonly refuses: (message: OutgoingMessage) => boolean
}

const SERVER_UNAVAILABLE = 3

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? new TextEncoder().encode(payload) : payload

/** A broker as MQTT 3.1.1 has it: sessions, windows, redelivery, retained messages, wills, take-overs. */
export class SimBroker implements BrokerSide {
  readonly agenda: Agenda
  readonly retained = new Map<string, Uint8Array>()
  readonly #options: SimBrokerOptions
  readonly #sessions = new Map<string, BrokerSession>()
  readonly #connections = new Map<string, SimConnection>()
  /** How often each client has tried to connect. */
  readonly #tries = new Map<string, number>()
  #isUp = true
  #refusal = 0
  /** Clients whose id ends so are refused. */
  #shutOut: string | undefined

  constructor(options: SimBrokerOptions) {
    this.#options = options
    this.agenda = options.agenda
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Messages that were lost because a client's queue was full. */
  get dropped(): number {
    let dropped = 0
    for (const session of this.#sessions.values()) dropped += session.dropped
    return dropped
  }

  /** The way to it for a client whose process is `client`; every connection made is told to `onOpened`. */
  door(
    identity: Identity,
    client: ClientSide,
    onOpened: (connection: SimConnection) => void,
    holds = true,
  ): BrokerDoor {
    return {
      address: 'mqtt://sim',
      keepsSession: !identity.clean,
      open: (handlers) => {
        const connection = new SimConnection(identity, this, client, handlers, holds)
        onOpened(connection)
        return connection
      },
    }
  }

  /** A publication by a client that is not modelled, such as a device. False while the broker is down. */
  take(message: OutgoingMessage): boolean {
    if (!this.#isUp) return false
    this.#route(message, undefined)
    return true
  }

  // Faults.

  /** Every connection, or those of one client, break. */
  cut(clientId?: string): void {
    for (const connection of this.#chosen(clientId)) connection.cut()
  }

  stick(clientId?: string): void {
    for (const connection of this.#chosen(clientId)) connection.stick()
  }

  /** It is gone, and with it what it did not write down: nothing, or all sessions. */
  goDown(forgets: boolean): void {
    this.#isUp = false
    this.cut()
    if (forgets) this.#sessions.clear()
  }

  comeUp(): void {
    this.#isUp = true
  }

  /** Answers every CONNECT with this return code; 0 takes clients again. */
  refuse(code: number): void {
    this.#refusal = code
  }

  /** Breaks the connections of one client and takes no others of it; undefined takes them all again. */
  shutOut(clientId: string | undefined): void {
    this.#shutOut = clientId
    if (clientId !== undefined) this.cut(clientId)
  }

  // What a connection asks of it.

  latencyMs(way: string): number {
    return this.#options.latencyMs(way)
  }

  nameFor(clientId: string): string {
    const tries = (this.#tries.get(clientId) ?? 0) + 1
    this.#tries.set(clientId, tries)
    return `${clientId} ${tries}`
  }

  connect(connection: SimConnection): void {
    if (!this.#isUp) {
      connection.cut({ code: 'ECONNREFUSED', reason: 'nobody listens' })
      return
    }
    const { clientId, clean } = connection.identity
    const isShutOut = this.#shutOut !== undefined && clientId.endsWith(this.#shutOut)
    if (this.#refusal > 0 || isShutOut) {
      connection.refused(this.#refusal || SERVER_UNAVAILABLE)
      return
    }
    // The old connection of the same client ends first, will included [MQTT-3.1.4-2].
    const before = this.#connections.get(clientId)
    if (before) {
      before.cut({ code: 'closed', reason: 'taken over' })
      this.gone(before, false)
    }
    const kept = clean ? undefined : this.#sessions.get(clientId)
    const { window, maxQueued } = this.#options
    const session = kept ?? new BrokerSession(clientId, window, maxQueued)
    this.#sessions.set(clientId, session)
    this.#connections.set(clientId, connection)
    connection.accepted(kept !== undefined)
    for (const sent of session.unacknowledged) connection.deliver(sent)
    this.#pump(clientId)
  }

  publish(connection: SimConnection, message: OutgoingMessage): 'taken' | 'refused' | undefined {
    if (!this.#isCurrent(connection)) return undefined
    const refused = this.#options.refuses(message)
    if (!refused) this.#route(message, connection)
    if (message.qos > 0 && this.#options.breaksAtAck(connection.name)) {
      connection.cut()
      return undefined
    }
    return refused ? 'refused' : 'taken'
  }

  subscribe(connection: SimConnection, filter: string, qos: 0 | 1): SendOutcome {
    if (!this.#isCurrent(connection)) return { ok: false, reason: 'no session' }
    this.#sessions.get(connection.identity.clientId)?.subscribe(filter, qos)
    return { ok: true }
  }

  subscribed(connection: SimConnection, filter: string): void {
    const { clientId } = connection.identity
    const probe = new BrokerSession('', 1, 1)
    probe.subscribe(filter, 1)
    for (const [topic, payload] of this.retained) {
      if (probe.wants(topic) === undefined) continue
      this.#offer(clientId, { topic, payload, qos: 1, retain: true })
    }
  }

  unsubscribe(connection: SimConnection, filter: string): void {
    if (!this.#isCurrent(connection)) return
    this.#sessions.get(connection.identity.clientId)?.unsubscribe(filter)
  }

  acknowledge(connection: SimConnection, id: number): void {
    if (!this.#isCurrent(connection)) return
    const { clientId } = connection.identity
    this.#sessions.get(clientId)?.acknowledge(id)
    this.#pump(clientId)
  }

  received(sent: Sent): void {
    this.#options.onReceived(sent.message)
  }

  released(sent: Sent): void {
    this.#options.onReleased(sent.message)
  }

  gone(connection: SimConnection, graceful: boolean): void {
    const { clientId, clean, will } = connection.identity
    if (this.#connections.get(clientId) !== connection) return
    this.#connections.delete(clientId)
    if (clean) this.#sessions.delete(clientId)
    if (will && !graceful) this.#route(will, connection)
  }

  #isCurrent(connection: SimConnection): boolean {
    return this.#connections.get(connection.identity.clientId) === connection
  }

  #chosen(clientId: string | undefined): SimConnection[] {
    const all = [...this.#connections.values()]
    return clientId === undefined
      ? all
      : all.filter(({ identity }) => identity.clientId.endsWith(clientId))
  }

  #route(message: OutgoingMessage, by: SimConnection | undefined): void {
    this.#options.onPublished(message, by)
    const { topic, qos, retain } = message
    const payload = bytesOf(message.payload)
    if (retain && payload.length > 0) this.retained.set(topic, payload)
    else if (retain) this.retained.delete(topic)
    for (const [clientId, session] of this.#sessions) {
      const wanted = session.wants(topic)
      if (wanted === undefined) continue
      this.#offer(clientId, { topic, payload, qos: qos === 0 ? 0 : wanted, retain: false })
    }
  }

  #offer(clientId: string, message: Held): void {
    const session = this.#sessions.get(clientId)
    if (message.qos === 0) this.#connections.get(clientId)?.deliver({ id: 0, message })
    else session?.push(message)
    this.#pump(clientId)
  }

  #pump(clientId: string): void {
    const connection = this.#connections.get(clientId)
    const session = this.#sessions.get(clientId)
    if (!connection || !session) return
    for (let sent = session.next(); sent; sent = session.next()) connection.deliver(sent)
  }
}
