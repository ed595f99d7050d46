import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { AedesOptions, AuthenticateError, Client, PublishPacket } from 'aedes'
import type { Clock } from '../clock.js'
import type { BrokerUserConfig } from '../config/configuration.js'
import type { BucketPolicy } from '../resilience/index.js'
import { topicFault } from '../topic-filter.js'
import { OPEN_RIGHTS, type Rights } from './access-rules.js'
import { connectFault } from './broker-admission.js'
import type { BrokerEars } from './broker-ears.js'
import { ClientIntake } from './client-intake.js'
import { LoginBackoff } from './login-backoff.js'
import { LoginDesk, type LoginOutcome } from './login-desk.js'

export interface GatekeeperOptions {
  readonly clock: Clock
  /** Absent: everybody on this machine. */
  readonly users?: readonly BrokerUserConfig[] | undefined
  readonly publishRate: BucketPolicy
  readonly failedLogins?: BucketPolicy | undefined
  readonly ears: BrokerEars
  readonly onRefused: (reason: string) => void
}

/** A connection, from its first byte on. */
export interface Seat {
  readonly socket: Socket
  readonly intake: ClientIntake
  rights: Rights
}

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>

const PACKET_OVERHEAD = 2048

/** Nothing: who has no seat has no rights. */
const NO_RIGHTS: Rights = Object.freeze({
  name: 'nobody',
  mayRetain: false,
  mayPersist: false,
  maxPayload: 0,
  mayPublish: () => false,
  subscribeFault: () => 'not-allowed',
  mayReceive: () => false,
})

/** Decides what clients of the embedded broker may do: every hook that aedes has for it. */
export class BrokerGatekeeper {
  readonly #options: GatekeeperOptions
  readonly #seats = new WeakMap<object, Seat>()
  readonly #seated = new Set<Seat>()
  readonly #backoff: LoginBackoff
  #desk: LoginDesk | undefined
  #publishRate: BucketPolicy

  constructor(options: GatekeeperOptions) {
    this.#options = options
    this.#backoff = new LoginBackoff(options.failedLogins)
    this.#publishRate = options.publishRate
  }

  /** Reads the users' passwords, before anybody may come. */
  async open(): Promise<void> {
    const { users } = this.#options
    this.#desk = users && (await LoginDesk.open(users, this.#backoff))
  }

  /** Takes other users from now on: who is none of them any more has to leave, the others have their new rights. */
  async revise(
    users: readonly BrokerUserConfig[] | undefined,
    publishRate = this.#publishRate,
  ): Promise<void> {
    this.#publishRate = publishRate
    if (!users) return
    const desk = await LoginDesk.open(users, this.#backoff)
    this.#desk = desk
    for (const seat of this.#seated) {
      if (seat.rights === NO_RIGHTS) continue
      const rights = desk.rights(seat.rights.name)
      if (rights) seat.rights = rights
      else seat.socket.destroy()
    }
  }

  /** Gives a connection its seat, until its socket is closed; `onRead` says whether to read from it. */
  seat(client: object, socket: Socket, onRead: (mayRead: boolean) => void): void {
    const { clock, ears } = this.#options
    const intake = new ClientIntake({
      clock,
      rate: this.#publishRate,
      show: (message, settled) => ears.show(message, settled),
      onRead,
    })
    const seat = { socket, intake, rights: NO_RIGHTS }
    this.#seats.set(client, seat)
    this.#seated.add(seat)
    socket.once('close', () => {
      intake.close()
      this.#seated.delete(seat)
    })
  }

  /** The longest packet that a client needs, in bytes after its fixed header: topic and payload, or a list of filters. */
  longestPacket(client: object): number {
    const { maxPayload = 0 } = this.#seats.get(client)?.rights ?? {}
    return maxPayload + PACKET_OVERHEAD
  }

  /** Ends the connections of clients whose messages wait for an acknowledgement that will not come. */
  dismissWaiting(): void {
    for (const { intake, socket } of this.#seated) if (intake.waiting > 0) socket.destroy()
  }

  hooks(): Hooks {
    return {
      preConnect: (client, packet, callback) => {
        // MQTT 5 is refused by aedes itself, in the form that such a client understands.
        const fault = (packet.protocolVersion ?? 4) <= 4 ? connectFault(packet) : undefined
        if (fault) {
          this.#options.onRefused(fault.reason)
          // CONNACK; aedes closes without one here, and the client could not say why it is sent away.
          client.conn.write(Uint8Array.of(0x20, 2, 0, fault.returnCode))
        }
        callback(fault ? new Error(fault.reason) : null, !fault)
      },
      authenticate: (client, user, password, done) => {
        this.#login(client, user, password).then(
          (outcome) => this.#letIn(client, outcome, done),
          (cause: unknown) => done(refusal(3, String(cause)), null),
        )
      },
      authorizePublish: (client, packet, callback) => this.#publish(client, packet, callback),
      authorizeSubscribe: (client, subscription, callback) => {
        const fault = this.#rights(client).subscribeFault(subscription.topic)
        if (fault !== undefined) this.#options.onRefused(`subscribe-${fault}`)
        callback(null, fault === undefined ? subscription : null)
      },
      authorizeForward: (client, packet) =>
        this.#rights(client).mayReceive(packet.topic) ? packet : null,
    }
  }

  #rights(client: Client): Rights {
    return this.#seats.get(client)?.rights ?? NO_RIGHTS
  }

  async #login(
    client: Client,
    user: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<LoginOutcome> {
    const socket = this.#seats.get(client)?.socket
    if (!this.#desk || !socket) return { ok: true, rights: OPEN_RIGHTS }
    return this.#desk.admit({
      clientId: client.id,
      user,
      password,
      certificate: commonName(socket),
      address: socket.remoteAddress ?? '',
      now: this.#options.clock.mono(),
    })
  }

  #letIn(client: Client, outcome: LoginOutcome, done: Parameters<Hooks['authenticate']>[3]): void {
    const seat = this.#seats.get(client)
    const { onRefused } = this.#options
    if (!outcome.ok) {
      onRefused(outcome.reason)
      done(refusal(outcome.returnCode, outcome.reason), null)
      return
    }
    const { rights } = outcome
    const { clean, _will: will } = client as unknown as ClientInside
    if (!clean && !rights.mayPersist) {
      onRefused('persistent-session')
      done(refusal(2, 'persistent-session'), null)
    } else if (will && !rights.mayPublish(will.topic)) {
      // aedes would take it now and refuse it only when the client is gone.
      onRefused('will-topic')
      done(refusal(5, 'will-topic'), null)
    } else {
      if (seat) seat.rights = rights
      done(null, true)
    }
  }

  #publish(
    client: Client | null,
    packet: PublishPacket,
    callback: (error?: Error | null) => void,
  ): void {
    const { ears, onRefused } = this.#options
    const seat = client === null ? undefined : this.#seats.get(client)
    const fault = seat ? this.#publishFault(seat.rights, packet) : 'stale-will'
    if (fault !== undefined || !seat || client === null) {
      onRefused(`publish-${fault}`)
      callback(new Error(`publication refused: ${fault}`))
      return
    }
    if (packet.retain && !seat.rights.mayRetain) {
      // The message goes on; only the bridge and the admins leave something here for those who come later.
      onRefused('publish-retain')
      packet.retain = false
    }
    const message = {
      topic: packet.topic,
      payload: bytesOf(packet.payload),
      qos: packet.qos,
      from: seat.rights === OPEN_RIGHTS ? undefined : seat.rights.name,
    }
    if (client.closed) {
      // A last will: nobody is there to be slowed down, or to be told.
      ears.show(message)
      callback(null)
    } else if (isRepetition(client, packet)) {
      callback(null)
    } else {
      let done = false
      seat.intake.take(message, () => {
        done = true
        callback(null)
      })
      // aedes reads on once all it has read is dealt with. What is held back is for the intake to bound: behind it
      // there may be a PINGREQ. Not at once: its parser is at work.
      if (!done) queueMicrotask(() => (client as unknown as ClientInside)._nextBatch())
    }
  }

  #publishFault(rights: Rights, { topic, payload, qos }: PublishPacket): string | undefined {
    const fault = topicFault(topic)
    if (fault !== undefined) return fault
    if (!rights.mayPublish(topic)) return 'not-allowed'
    if (payload.length > rights.maxPayload) return 'too-large'
    // Unacknowledged, it stays with the client until we can hear it.
    return qos > 0 && this.#options.ears.isDeafTo(topic) ? 'not-heard' : undefined
  }
}

/** What the types of aedes leave out; the tests of the embedded broker notice when it changes. */
interface ClientInside {
  readonly clean: boolean
  readonly _will?: { readonly topic: string } | undefined
  /** The ids of QoS 2 messages that it has stored and not released. */
  readonly _inboundInflight: ReadonlySet<number>
  /** Counts one packet as dealt with, and reads where none is left. */
  _nextBatch(): void
}

/** A QoS 2 message that came before and is not released yet [MQTT-4.3.3-2]. */
const isRepetition = (client: Client, { qos, messageId }: PublishPacket): boolean =>
  qos === 2 &&
  messageId !== undefined &&
  (client as unknown as ClientInside)._inboundInflight.has(messageId)

/** Who the certificate says that this is; only where TLS has verified it. */
function commonName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { CN } = socket.getPeerCertificate().subject ?? {}
  // Two names in one certificate are nobody's.
  return typeof CN === 'string' ? CN : undefined
}

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? Buffer.from(payload) : payload

const refusal = (returnCode: number, message: string): AuthenticateError =>
  Object.assign(new Error(message), { returnCode })
