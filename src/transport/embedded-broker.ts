import type { EventEmitter } from 'node:events'
import type { Aedes, AedesPublishPacket } from 'aedes'
import type { Clock, Undo } from '../clock.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import { startCore } from './broker-core.js'
import { BrokerError } from './broker-error.js'
import { BrokerListener } from './broker-listener.js'
import type { IncomingMessage, OutgoingMessage } from './broker-port.js'
import { type ConnectionLimits, defaultConnectionLimits, isLoopback } from './connection-caps.js'
import { defaultGuardLimits, type GuardLimits, type PacketGuard } from './packet-guard.js'
import { ReasonCounts } from './source-counters.js'

export interface EmbeddedBrokerOptions {
  /** A loopback address, as long as there are no access rules. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly clock: Clock
  readonly connections?: ConnectionLimits
  readonly packets?: GuardLimits
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

/** An MQTT 3.1.1 broker inside this process, for programs on this machine and for our own doors. */
export class EmbeddedBroker implements HealthCheckable {
  readonly #options: EmbeddedBrokerOptions
  readonly #guards = new WeakMap<object, PacketGuard>()
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
  }

  get running(): boolean {
    return this.#core !== undefined
  }

  /** Where clients find it, e.g. `mqtt://127.0.0.1:1883`, with the real port; undefined while it does not run. */
  get address(): string | undefined {
    const { host } = this.#options
    if (!this.running) return undefined
    return `mqtt://${host.includes(':') ? `[${host}]` : host}:${this.#port}`
  }

  /** Rejects with `ERR_BROKER_ADDRESS` (not loopback) or `ERR_BROKER_LISTEN` (port taken, not allowed). */
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

  /** `done` comes once every subscriber has been sent the message. */
  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    const { topic, payload, qos, retain } = message
    if (!this.#core) {
      done(new Error('the embedded broker is stopped'))
      return
    }
    const packet = { cmd: 'publish', dup: false, topic, payload: Buffer.from(payload), qos, retain }
    this.#core.publish(packet as AedesPublishPacket, (error) => (error ? done(error) : done()))
  }

  /** Live messages only, each with its number: one that matches several filters comes once per filter. */
  subscribe(
    filter: string,
    onMessage: (message: IncomingMessage, number: number) => void,
    done: () => void,
  ): Undo {
    const core = this.#core
    if (!core) return () => {}
    const deliver = (packet: AedesPublishPacket, next: () => void) => {
      const { topic, payload, qos, brokerCounter } = packet
      // [MQTT-4.7.2-1]: what the broker says about itself is not for wildcards.
      if (!topic.startsWith('$')) {
        const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
        onMessage({ topic, payload: bytes, qos, retain: false }, brokerCounter)
      }
      next()
    }
    core.subscribe(filter, deliver, done)
    return () => core.unsubscribe(filter, deliver, () => {})
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
    return { ...check, status: 'healthy', message: `${connected} connections on ${this.address}` }
  }

  async #start(): Promise<void> {
    const { host, port, clock, connections, packets } = this.#options
    if (host !== 'localhost' && !isLoopback(host)) {
      throw new BrokerError(
        'ERR_BROKER_ADDRESS',
        `the embedded broker listens on loopback addresses only, not on ${host}`,
      )
    }
    const onRefused = (reason: string) => this.#refused.add(reason)
    const core = await startCore(clock, onRefused)
    this.#count(core)
    const listener = new BrokerListener({
      host,
      port,
      clock,
      connections: connections ?? defaultConnectionLimits,
      packets: packets ?? defaultGuardLimits,
      onRefused,
      onSocket: (socket, guard) => {
        this.#guards.set(core.handle(socket), guard)
      },
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

  #count(core: Aedes): void {
    core.on('connackSent', ({ returnCode }, client) => {
      if (returnCode !== 0) return
      this.#accepted++
      this.#guards.get(client)?.accepted()
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
