import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Configuration } from '../config/configuration.js'
import type { HealthCheckable } from '../resilience/index.js'
import { brokerDoor } from './broker-client.js'
import { embeddedDoor } from './broker-embedded.js'
import type { BrokerDoor, OutgoingMessage } from './broker-port.js'
import { EmbeddedBroker } from './embedded-broker.js'
import { MqttLink } from './mqtt-link.js'
import { TlsWatch } from './tls-watch.js'

export interface BrokerLinksOptions {
  readonly config: Configuration['broker']
  readonly bridgeId: string
  /** What the broker publishes when the bridge vanishes. */
  readonly will: OutgoingMessage
  readonly clock: Clock
  /** A number in [0, 1), for the jitter of the waits. */
  readonly random: () => number
  /** The way to an external broker; default: MQTT over the network. */
  readonly door?: typeof brokerDoor | undefined
  /** The group by whose queues frames come, in place of this broker. */
  readonly cluster?: { readonly door: BrokerDoor } | undefined
}

/** The bridge's two connections to its broker: one never waits for the other. */
export interface BrokerLinks {
  /** Frames come by this one. */
  readonly input: MqttLink
  /** Publications and downlinks leave by this one; the publisher starts and stops it. */
  readonly output: MqttLink
  readonly embedded?: EmbeddedBroker
  /** What of it can be healthy or not, but for the output: its publisher speaks for that. */
  readonly checkables: readonly HealthCheckable[]
  /** Starts the embedded broker and the input; rejects with `ERR_BROKER_…` where the former cannot listen. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Builds the links that a configuration asks for; nothing is opened before `start`. */
export function connectBroker(options: BrokerLinksOptions): BrokerLinks {
  const { config, clock, random } = options
  const watch = tlsWatch(options)
  const embedded = config.kind === 'embedded' ? new EmbeddedBroker({ ...config, clock }) : undefined
  const doors = embedded
    ? { input: embeddedDoor(embedded), output: embeddedDoor(embedded) }
    : externalDoors(options, watch)
  const input = new MqttLink({ name: 'broker:input', door: doors.input, clock, random })
  const output = new MqttLink({ name: 'broker:output', door: doors.output, clock, random })
  return {
    input,
    output,
    ...(embedded && { embedded }),
    checkables: [input, ...(embedded ? [embedded] : []), ...(watch ? [watch] : [])],
    async start() {
      await embedded?.start()
      input.start()
    },
    async stop() {
      await Promise.all([input.stop(), output.stop()])
      await embedded?.stop()
    },
  }
}

/** Undefined where there is no TLS to watch. */
function tlsWatch({ config, clock }: BrokerLinksOptions): TlsWatch | undefined {
  const { tls } = config
  const isUsed = config.kind === 'embedded' ? tls : config.urls.some((url) => TLS_URL.test(url))
  if (!isUsed) return undefined
  const watch = new TlsWatch({
    clock,
    insecure: tls !== undefined && 'insecure' in tls && tls.insecure,
  })
  watch.ours(config.kind === 'embedded' ? 'the embedded broker' : 'this bridge', tls?.cert)
  return watch
}

const TLS_URL = /^(?:mqtts|wss):/

function externalDoors(
  options: BrokerLinksOptions,
  watch: TlsWatch | undefined,
): { input: BrokerDoor; output: BrokerDoor } {
  const { config, bridgeId, will, clock, door = brokerDoor, cluster } = options
  if (config.kind === 'embedded') throw new TypeError('the embedded broker needs no client')
  const access = {
    ...config,
    onCertificate: (url: string, certificate: X509Certificate) => watch?.saw(url, certificate),
  }
  const clientId = config.clientId ?? `alec-${bridgeId}`
  return {
    // The broker keeps what devices send while the bridge restarts.
    input: cluster?.door ?? door(access, { clientId: `${clientId}-in`, clean: false }, clock),
    // A resumed session would oblige us to repeat old packet ids [MQTT-4.4.0-1]: the queue does that job.
    output: door(access, { clientId: `${clientId}-out`, clean: true, will }, clock),
  }
}
