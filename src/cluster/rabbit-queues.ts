import { isIP } from 'node:net'
import type { Channel, Connection, ConnectionOptions } from 'rabbitmq-client'
import { loadOptional } from './optional-package.js'
import {
  type OpenQueues,
  type QueueChannel,
  type QueueConnection,
  type QueueEnd,
  QueueError,
} from './queue-port.js'
import { RabbitChannel, TICK } from './rabbit-channel.js'
import { bindingOf, MQTT_EXCHANGE, type Topology } from './topology.js'

export interface RabbitAccess {
  /** `amqp:` or `amqps:`, without a password; tried in turn. */
  readonly urls: readonly string[]
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** With `amqps:`. */
  readonly tls?:
    | {
        readonly ca?: string
        readonly cert?: string
        readonly key?: string
        readonly insecure?: boolean
      }
    | undefined
  /** Shown by the broker to whoever looks at its connections. */
  readonly name: string
}

const CONNECT_MS = 10_000
/** A bridge that has vanished is known for gone after twice as many seconds. */
const HEARTBEAT_SECONDS = 5

/** The way to RabbitMQ: every call opens a connection of its own, by the next URL. */
export function rabbitQueues(access: RabbitAccess): OpenQueues {
  let turn = 0
  return async (onClosed) => {
    const url = access.urls[turn++ % access.urls.length] ?? ''
    const { Connection } = await loadOptional('rabbitmq-client', () => import('rabbitmq-client'))
    const connect = () => opened(new Connection(connectionOptions(url, access)))
    return RabbitConnection.open(connect, onClosed)
  }
}

function connectionOptions(url: string, access: RabbitAccess): ConnectionOptions {
  const { protocol, hostname, port, pathname } = new URL(url)
  const { username, password, tls, name } = access
  const secure = protocol === 'amqps:'
  const vhost = decodeURIComponent(pathname.slice(1))
  return {
    hostname,
    port: port === '' ? (secure ? 5671 : 5672) : Number(port),
    ...(vhost !== '' && { vhost }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(secure && {
      tls: {
        minVersion: 'TLSv1.2',
        // An address is no name of a server (RFC 6066); the certificate is held against it all the same.
        ...(isIP(hostname) === 0 && { servername: hostname }),
        rejectUnauthorized: tls?.insecure !== true,
        ...(tls?.ca !== undefined && { ca: tls.ca }),
        ...(tls?.cert !== undefined && { cert: tls.cert }),
        ...(tls?.key !== undefined && { key: tls.key }),
      },
    }),
    connectionName: name,
    connectionTimeout: CONNECT_MS,
    heartbeat: HEARTBEAT_SECONDS,
    noDelay: true,
  }
}

/** Resolves once it is open; a connection that fails is ended for good, for its owner opens the next one. */
function opened(connection: Connection): Promise<Connection> {
  return new Promise((resolve, reject) => {
    connection.once('connection', () => {
      connection.off('error', fail)
      resolve(connection)
    })
    const fail = (error: unknown) => {
      // Stays heard: what a connection says after its end must not end the process.
      connection.on('error', () => {})
      connection.unsafeDestroy()
      const { code, reason } = endOf(error)
      reject(new QueueError(code, reason, { cause: error }))
    }
    connection.once('error', fail)
  })
}

function endOf(error: unknown): QueueEnd {
  const failure = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in failure ? String(failure.code) : failure.name
  return { code, reason: failure.message || code }
}

class RabbitConnection implements QueueConnection {
  readonly #connection: Connection
  readonly #connect: () => Promise<Connection>
  /** For what is asked and declared; consuming has channels of its own. */
  readonly #control: Channel
  /**
   * Ticks leave by another connection: a broker that is short of memory blocks the connections that publish, and then no
   * acknowledgement would leave by them either.
   */
  #ticker: Promise<{ readonly connection: Connection; readonly channel: Channel }> | undefined
  #ended = false

  static async open(
    connect: () => Promise<Connection>,
    onClosed: (end: QueueEnd) => void,
  ): Promise<RabbitConnection> {
    const connection = await connect()
    try {
      const control = await connection.acquire({ emitErrorsFromChannel: true })
      return new RabbitConnection(connection, control, connect, onClosed)
    } catch (error) {
      connection.on('error', () => {})
      connection.unsafeDestroy()
      throw error
    }
  }

  private constructor(
    connection: Connection,
    control: Channel,
    connect: () => Promise<Connection>,
    onClosed: (end: QueueEnd) => void,
  ) {
    this.#connection = connection
    this.#control = control
    this.#connect = connect
    const end = (error: unknown) => {
      if (this.#ended) return
      this.abort()
      onClosed(endOf(error))
    }
    connection.on('error', end)
    control.on('error', end)
    control.on('close', () => end(new QueueError('channel-closed', 'the broker closed a channel')))
  }

  async declare({ exchange, queues, attendance }: Topology): Promise<void> {
    await this.#control.exchangeDeclare({ exchange, type: 'x-consistent-hash', durable: true })
    for (const queue of queues) {
      await this.#control.queueDeclare({
        queue,
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
      })
      // To this exchange a binding's key is a weight.
      await this.#control.queueBind({ exchange, queue, routingKey: '1' })
    }
    await this.#control.queueDeclare({ queue: attendance, durable: true })
    await this.#control.basicConsume({ queue: attendance, noAck: true }, () => {})
  }

  async bind({ exchange }: Topology, filter: string): Promise<void> {
    await this.#control.exchangeBind({
      source: MQTT_EXCHANGE,
      destination: exchange,
      routingKey: bindingOf(filter),
    })
  }

  async openChannel(onClosed: () => void): Promise<QueueChannel> {
    const channel = await this.#connection.acquire({ emitErrorsFromChannel: true })
    return new RabbitChannel(channel, onClosed)
  }

  /** Of a queue with a single active consumer the broker counts only that one (3.10): hence a queue for this alone. */
  async bridges({ attendance }: Topology): Promise<number> {
    const { consumerCount } = await this.#control.queueDeclare({ queue: attendance, passive: true })
    return consumerCount
  }

  async tick(queue: string): Promise<void> {
    this.#ticker ??= this.#openTicker()
    const { channel } = await this.#ticker
    await channel.basicPublish({ routingKey: queue, type: TICK }, Buffer.alloc(0))
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    const ticker = await this.#ticker?.catch(() => undefined)
    await Promise.all([this.#control.close(), ticker?.channel.close()])
    await Promise.all([this.#connection.close(), ticker?.connection.close()])
  }

  abort(): void {
    if (this.#ended) return
    this.#ended = true
    this.#connection.unsafeDestroy()
    this.#ticker?.then(
      ({ connection }) => connection.unsafeDestroy(),
      () => {},
    )
  }

  async #openTicker() {
    try {
      const connection = await this.#connect()
      const lost = () => {
        connection.unsafeDestroy()
        this.#ticker = undefined
      }
      connection.on('error', lost)
      const channel = await connection.acquire({ emitErrorsFromChannel: true })
      channel.on('error', lost)
      if (this.#ended) connection.unsafeDestroy()
      return { connection, channel }
    } catch (error) {
      this.#ticker = undefined
      throw error
    }
  }
}
