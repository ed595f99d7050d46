import type { X509Certificate } from 'node:crypto'
import { Socket } from 'node:net'
import {
  connect,
  ErrorWithReasonCode,
  type IClientOptions,
  type MqttClient,
  ReasonCodes,
} from 'mqtt'
import { type IPubackPacket, writeToStream } from 'mqtt-packet'
import type { Clock } from '../clock.js'
import type { ExternalBrokerConfig } from '../config/configuration.js'
import { filterFault } from '../topic-filter.js'
import type {
  BrokerConnection,
  BrokerDoor,
  ConnectionEnd,
  ConnectionHandlers,
  OutgoingMessage,
} from './broker-port.js'
import { brokerFarewell, brokerTrouble, reasonCode, withoutSecrets } from './broker-trouble.js'
import { defaultAckLimits, HeldAcks } from './held-acks.js'
import { asBuffer, Outbox, propertiesOf } from './outbox.js'
import { ClientIds } from './packet-ids.js'
import { ProtocolChoice, type ProtocolLevel } from './protocol-choice.js'
import { tlsOptions } from './tls-options.js'

/** How we introduce ourselves to a broker. */
export interface BrokerIdentity {
  /** Stable, so that the broker ends our own half-open connection, will included, before the new one begins. */
  readonly clientId: string
  /** False asks the broker to keep our subscriptions and what arrives while we are away. */
  readonly clean: boolean
  /** Published by the broker when we vanish. */
  readonly will?: OutgoingMessage
  /** Shares its subscriptions with all others of this group (MQTT 5). */
  readonly group?: string
  /** MQTT 5: so many messages may be on their way to us without being acknowledged; default 2000. */
  readonly receiveMaximum?: number
}

export interface BrokerAccess
  extends Pick<ExternalBrokerConfig, 'urls' | 'username' | 'password' | 'tls'> {
  /** Default: 5, and 3.1.1 where that is refused. */
  readonly protocol?: ExternalBrokerConfig['protocol']
  /** Hears of the certificate that the broker at this URL shows. */
  readonly onCertificate?: (url: string, certificate: X509Certificate) => void
}

// It would keep a buffer for each number there is. measured: 6 MiB, and nothing is faster for it.
writeToStream.cacheNumbers = false

const KEEPALIVE_S = 15
const CONNECT_TIMEOUT_MS = 10_000
/** MQTT 5: how long the broker keeps what comes for us while we are away. */
const SESSION_S = 7 * 86_400
/** MQTT 5: so many messages may be on their way to us without being acknowledged. */
const RECEIVE_MAXIMUM = defaultAckLimits.most
const GOODBYE_MS = 500
/** From here on a reason code says that the message was not taken. */
const REFUSED = 0x80
const BROKER_URL = /^(?:mqtts?|wss?):\/\/[^/]/

/**
 * Opens connections to a broker on the network with MQTT.js, trying the URLs in turn. Every connection is a new
 * client, as every reopened port is a new object: nothing of a lost one is re-sent, queued or remembered,
 * and one refused CONNACK cannot end reconnection, which is the link's business.
 */
export function brokerDoor(
  access: BrokerAccess,
  identity: BrokerIdentity,
  clock: Clock,
): BrokerDoor {
  let turn = 0
  const protocol = new ProtocolChoice(access.protocol ?? 'auto')
  return {
    // So that the log says so at every connect.
    address: `${access.urls.map(withoutSecrets).join(', ')}${access.tls?.insecure ? ' (insecure_tls)' : ''}`,
    keepsSession: !identity.clean,
    open: (handlers) => {
      const url = access.urls[turn++ % access.urls.length] ?? ''
      const options = clientOptions(url, access, identity, protocol.levelFor(url))
      let accepted = false
      return new ClientConnection(url, options, clock, identity, {
        onMessage: (message) => handlers.onMessage(message),
        onConnected(...offer) {
          accepted = true
          protocol.accepted(url)
          handlers.onConnected(...offer)
        },
        onClosed(end) {
          if (!accepted) protocol.notAccepted(url, end)
          handlers.onClosed(end)
        },
      })
    },
  }
}

function clientOptions(
  url: string,
  access: BrokerAccess,
  identity: BrokerIdentity,
  level: ProtocolLevel,
): IClientOptions {
  return {
    protocolVersion: level,
    ...(level === 5 && {
      properties: {
        receiveMaximum: identity.receiveMaximum ?? RECEIVE_MAXIMUM,
        ...(!identity.clean && { sessionExpiryInterval: SESSION_S }),
      },
    }),
    clientId: identity.clientId,
    clean: identity.clean,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    messageIdProvider: new ClientIds(),
    ...(identity.will && { will: { ...identity.will, payload: writable(identity.will.payload) } }),
    ...(access.username !== undefined && { username: access.username }),
    ...(access.password !== undefined && { password: access.password }),
    ...tlsOptions(access.tls, (peer) => access.onCertificate?.(withoutSecrets(url), peer)),
  }
}

class ClientConnection implements BrokerConnection {
  readonly #handlers: ConnectionHandlers
  readonly #url: string
  readonly #clock: Clock
  readonly #level: IClientOptions['protocolVersion']
  /** In front of every filter. */
  readonly #share: string
  #client: MqttClient | undefined
  #acks: HeldAcks | undefined
  #outbox: Outbox | undefined
  #end: ConnectionEnd | undefined
  #ended = false

  constructor(
    url: string,
    options: IClientOptions,
    clock: Clock,
    { group, receiveMaximum }: BrokerIdentity,
    handlers: ConnectionHandlers,
  ) {
    this.#share = group === undefined ? '' : `$share/${group}/`
    this.#url = url
    this.#handlers = handlers
    this.#clock = clock
    this.#level = options.protocolVersion
    try {
      // The client takes anything else for a broker on this very machine.
      if (!BROKER_URL.test(url)) throw new Error('no URL of a broker, such as mqtt://host:1883')
      const client = connect(url, options)
      this.#acks = new HeldAcks(client, {
        clock,
        // Once we are going our goodbye is the last word: what is not acknowledged comes again.
        acknowledge: (id) => this.#end || this.#outbox?.acknowledge(id),
        onStuck: () => this.#stuck(),
        // The broker itself sees to it that no more come.
        ...(receiveMaximum !== undefined && { limits: { ...defaultAckLimits, most: Infinity } }),
      })
      this.#listen(client, this.#acks)
      client.connect()
      // measured: a round trip over one connection takes 34 ms with Nagle's algorithm, for a small packet behind
      // another one then waits until the broker's system acknowledges that; 0.6 ms without.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true)
      this.#client = client
    } catch (error) {
      this.#fail(error)
      queueMicrotask(() => this.#close())
    }
  }

  #listen(client: MqttClient, acks: HeldAcks): void {
    client.on('connect', ({ sessionPresent, properties }) => {
      const receiveMaximum = properties?.receiveMaximum ?? 65_535
      this.#outbox = new Outbox({
        protocolVersion: this.#level ?? 4,
        receiveMaximum,
        write: (bytes, written) => client.stream.writable && client.stream.write(bytes, written),
      })
      this.#handlers.onConnected(sessionPresent, {
        shares: this.#level === 5 && properties?.sharedSubscriptionAvailable !== false,
        mostQos: properties?.maximumQoS ?? 2,
        mostUnacknowledged: receiveMaximum,
      })
    })
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') this.#answered(packet)
    })
    client.on('message', (topic, payload, { qos, retain, messageId, dup, properties }) => {
      // What still comes while we are going is neither taken nor acknowledged: the broker keeps it.
      if (this.#end) return
      const ack = qos === 1 && messageId !== undefined ? acks.open(messageId) : undefined
      const hold = ack && (() => acks.hold(ack))
      const answer = {
        responseTopic: properties?.responseTopic,
        correlation: properties?.correlationData,
      }
      this.#handlers.onMessage({ topic, payload, qos, retain, again: dup, hold, ...answer })
      if (ack) acks.delivered(ack)
    })
    client.on('disconnect', ({ reasonCode: code }) => {
      this.#end ??= brokerFarewell(code, this.#url)
    })
    client.on('error', (error) => {
      this.#fail(error)
      // Not every error closes the stream by itself (a malformed packet does not).
      client.end(true)
    })
    client.on('close', () => this.#close())
  }

  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    const client = this.#client
    if (!client?.connected || this.#end) return
    if (message.qos < 2) {
      this.#outbox?.publish(message, done)
      return
    }
    // Its four steps are the client's own business.
    const { topic, payload, qos, retain } = message
    const properties = this.#level === 5 ? propertiesOf(message) : undefined
    this.#outbox?.flush()
    client.publish(
      topic,
      writable(payload),
      { qos, retain, ...(properties && { properties }) },
      (error) => {
        if (!error) done()
        // Without a reason code it is no answer: the client gives its callbacks up because the connection ends.
        else if (reasonCode(error) !== undefined) done(error)
      },
    )
  }

  #answered({ messageId = 0, reasonCode: code = 0 }: IPubackPacket): void {
    const why = code >= REFUSED ? (ReasonCodes as Record<number, string>)[code] : undefined
    const error =
      code >= REFUSED ? new ErrorWithReasonCode(`refused: ${why ?? code}`, code) : undefined
    this.#outbox?.answered(messageId, error)
  }

  subscribe(...[filter, qos, done]: Parameters<BrokerConnection['subscribe']>): void {
    const fault = filterFault(filter)
    if (fault !== undefined) {
      queueMicrotask(() => done({ ok: false, reason: fault }))
      return
    }
    this.#client?.subscribe(`${this.#share}${filter}`, { qos }, (error) => {
      if (!error) done({ ok: true })
      // Without a SUBACK it is no answer either.
      else if ('packet' in error && error.packet) done({ ok: false, reason: error.message })
    })
  }

  unsubscribe(filter: string): void {
    this.#client?.unsubscribe(`${this.#share}${filter}`)
  }

  close(): void {
    const client = this.#client
    if (!client || this.#ended) return
    this.#end ??= { code: 'stopped', reason: 'closed by us' }
    // A graceful end waits for every outstanding PUBACK and for the peer to close, perhaps for ever.
    const cancel = this.#clock.setTimer(GOODBYE_MS, () => client.stream.destroy())
    client.once('close', cancel)
    this.#outbox?.flush()
    client.end(!client.connected)
  }

  abort(): void {
    this.#end ??= { code: 'stopped', reason: 'closed by us' }
    this.#client?.end(true)
  }

  /** Without reading on we would not hear the answers to our pings either. */
  #stuck(): void {
    const reason = `${withoutSecrets(this.#url)}: its messages have waited too long to be safe`
    this.#end ??= { code: 'acknowledgements-held', reason }
    this.abort()
  }

  #fail(error: unknown): void {
    this.#end ??= brokerTrouble(error, this.#url)
  }

  #close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#acks?.forget()
    this.#outbox?.close()
    this.#handlers.onClosed(
      this.#end ?? { code: 'closed', reason: `${withoutSecrets(this.#url)} closed the connection` },
    )
  }
}

const writable = (payload: string | Uint8Array): string | Buffer =>
  typeof payload === 'string' ? payload : asBuffer(payload)
