import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Aedes, AedesPublishPacket } from 'aedes'
import type { Clock, Undo } from '../clock.js'
import type { EmbeddedBrokerConfig } from '../config/configuration.js'
import {
  type BucketPolicy,
  type ConnectionLimits,
  defaultConnectionLimits,
  type HealthCheck,
  type HealthCheckable,
  isLoopback,
  type WaitingPolicy,
} from '../resilience/index.js'
import { startCore } from './broker-core.js'
import { BrokerEars, type Ear, type OnHeard } from './broker-ears.js'
import { BrokerError } from './broker-error.js'
import { BrokerGatekeeper } from './broker-gatekeeper.js'
import { BrokerListener } from './broker-listener.js'
import type { OutgoingMessage } from './broker-port.js'
import { gatherWrites } from './gathered-writes.js'
import { defaultGuardLimits, type GuardLimits } from './packet-guard.js'
import { defaultPortLimit } from './port-gate.js'
import { defaultSessionLimits, type SessionLimits, SessionQueues } from './session-queues.js'
import { SocketInlet } from './socket-inlet.js'
import { ReasonCounts } from './source-counters.js'

export interface EmbeddedBrokerOptions
  extends Pick<EmbeddedBrokerConfig, 'host' | 'port' | 'publishRate' | 'tls' | 'users'> {
  readonly clock: Clock
  readonly connections?: ConnectionLimits
  /** For who cannot be let in at once. */
  readonly waiting?: WaitingPolicy
  readonly packets?: GuardLimits
  /** What is kept for each client whose session is. */
  readonly sessions?: SessionLimits
  readonly failedLogins?: BucketPolicy
}

export interface EmbeddedBrokerCounters {
  /** Sockets held now. */
  readonly connected: number
  /** Clients whose CONNECT was accepted. */
  readonly accepted: number
  /** Connections, packets, publications and subscriptions that were not let in, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Connections that ended with an error. */
  readonly errors: number
}

/**
 * An MQTT 3.1.1 broker inside this process: for our own doors, for programs on this machine, and, with TLS and
 * users, for devices elsewhere.
 */
export class EmbeddedBroker implements HealthCheckable {
  readonly #options: EmbeddedBrokerOptions
  readonly #inlets = new WeakMap<object, SocketInlet>()
  readonly #ears = new BrokerEars()
  readonly #gatekeeper: BrokerGatekeeper
  readonly #attached = new Set<() => void>()
  readonly #refused = new ReasonCounts()
  #starting: Promise<void> | undefined
  #core: Aedes | undefined
  #listener: BrokerListener | undefined
  #port = 0
  #accepted = 0
  #errors = 0

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options
    const { clock, users, failedLogins, publishRate = defaultPortLimit } = options
    this.#gatekeeper = new BrokerGatekeeper({
      clock,
      users,
      failedLogins,
      publishRate,
      ears: this.#ears,
      onRefused: (reason) => this.#refused.add(reason),
    })
  }

  get running(): boolean {
    return this.#core !== undefined
  }

  /** Where clients find it, e.g. `mqtt://127.0.0.1:1883`, with the real port; undefined while it does not run. */
  get address(): string | undefined {
    const { host, tls } = this.#options
    if (!this.running) return undefined
    return `${tls ? 'mqtts' : 'mqtt'}://${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  /**
   * Rejects with `ERR_BROKER_ADDRESS` (beyond this machine without TLS and users), `ERR_BROKER_LISTEN` (port
   * taken, not allowed) or `ERR_BROKER_TLS` (certificate and key do not fit).
   */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  /** Closes every connection, ours included, and the listener; what was retained is forgotten. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#starting = undefined
    const core = this.#core
    if (!core) return
    this.#core = undefined
    for (const onStopped of [...this.#attached]) onStopped()
    await this.#listener?.close()
    await new Promise<void>((resolve) => core.close(resolve))
  }

  /** Tells when the broker stops. */
  attach(onStopped: () => void): Undo {
    this.#attached.add(onStopped)
    return () => this.#attached.delete(onStopped)
  }

  /**
   * Users, and how much a client may publish, from now on, as after a change of the configuration; rights that are taken
   * away end at once, the rate is that of the next connections.
   */
  revise({
    users,
    publishRate = defaultPortLimit,
  }: Pick<EmbeddedBrokerOptions, 'users' | 'publishRate'>): Promise<void> {
    return this.#gatekeeper.revise(users, publishRate)
  }

  /** `done` comes once every subscriber has been sent the message. */
  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    const { topic, payload, qos, retain } = message
    if (!this.#core) {
      done(new Error('the embedded broker is stopped'))
      return
    }
    const bytes = Buffer.from(payload)
    const packet = { cmd: 'publish', dup: false, topic, payload: bytes, qos, retain }
    this.#ears.show({ topic, payload: bytes, qos })
    this.#core.publish(packet as AedesPublishPacket, (error) => (error ? done(error) : done()))
  }

  /**
   * Hears what clients publish, before it is acknowledged to them: who holds a message keeps its
   * acknowledgement back. Only live messages come.
   */
  listenTo(filter: string, onHeard: OnHeard): Ear {
    return this.#ears.open(filter, onHeard)
  }

  /** What waits for an acknowledgement of ours will not get it: its clients shall come again with it. */
  dismissWaiting(): void {
    this.#gatekeeper.dismissWaiting()
  }

  counters(): EmbeddedBrokerCounters {
    return {
      connected: this.#listener?.connected ?? 0,
      accepted: this.#accepted,
      refused: this.#refused.snapshot(),
      errors: this.#errors,
    }
  }

  healthCheck(now: number): HealthCheck {
    const check = { component: 'embedded-broker', checkedAt: now }
    if (!this.#core) return { ...check, status: 'unhealthy', message: 'not running' }
    const { connected } = this.counters()
    const where = `${connected} connections on ${this.address}`
    const complaints = [
      ...(this.#ears.covered > 0 ? ['frames are not taken now'] : []),
      ...(this.#listener?.isFlooded(now) ? ['so many more come that some are dropped'] : []),
    ]
    return {
      ...check,
      status: complaints.length > 0 ? 'degraded' : 'healthy',
      message: [where, ...complaints].join('; '),
    }
  }

  async #start(): Promise<void> {
    const { host, port, clock, tls, users } = this.#options
    const open = tls !== undefined && users !== undefined && users.length > 0
    if (!open && host !== 'localhost' && !isLoopback(host)) {
      throw new BrokerError(
        'ERR_BROKER_ADDRESS',
        `without TLS and users the embedded broker listens on loopback addresses only, not on ${host}`,
      )
    }
    await this.#gatekeeper.open()
    const sessions = new SessionQueues(this.#options.sessions ?? defaultSessionLimits, () =>
      this.#refused.add('session-overflow'),
    )
    const core = await startCore(clock, this.#gatekeeper.hooks(), sessions)
    this.#count(core)
    const listener = new BrokerListener({
      host,
      port,
      clock,
      open,
      tls,
      connections: this.#options.connections ?? defaultConnectionLimits,
      waiting: this.#options.waiting,
      onRefused: (reason) => this.#refused.add(reason),
      onSocket: (socket) => this.#welcome(core, socket),
    })
    try {
      this.#port = await listener.listen()
    } catch (error) {
      await new Promise<void>((resolve) => core.close(resolve))
      throw error
    }
    this.#listener = listener
    this.#core = core
  }

  #welcome(core: Aedes, socket: Socket): void {
    const limits = this.#options.packets ?? defaultGuardLimits
    const inlet = new SocketInlet(socket, limits, (fault) => this.#refused.add(fault))
    gatherWrites(socket)
    const client = core.handle(socket)
    this.#inlets.set(client, inlet)
    this.#gatekeeper.seat(client, socket, (mayRead) => inlet.read(mayRead))
  }

  #count(core: Aedes): void {
    core.on('connackSent', ({ returnCode }, client) => {
      if (returnCode !== 0) return
      this.#accepted++
      this.#inlets.get(client)?.accepted(this.#gatekeeper.longestPacket(client))
    })
    // One connection reports every write that it fails with.
    const failed = new WeakSet<object>()
    const onError = (client: object) => {
      if (!failed.has(client)) this.#errors++
      failed.add(client)
    }
    core.on('clientError', onError)
    core.on('connectionError', onError)
    // Without a listener an error inside aedes would end the process.
    const emitter: EventEmitter = core
    emitter.on('error', () => this.#errors++)
  }
}
