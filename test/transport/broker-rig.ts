import { systemClock } from '../../src/clock.js'
import type { Configuration, MqttSourceConfig } from '../../src/config/configuration.js'
import type { Frame } from '../../src/framing/frame.js'
import type { Publication, WhileAway } from '../../src/outputs/publication.js'
import { type BrokerLinks, connectBroker } from '../../src/transport/broker-links.js'
import { MqttSource } from '../../src/transport/mqtt-source.js'
import { Publisher } from '../../src/transport/publisher.js'
import type { PublisherLimits } from '../../src/transport/publisher-options.js'

export const STATE_TOPIC = 'alec/bridge/state'

export const publication = (
  topic: string,
  payload: string,
  whileAway: WhileAway = 'queue',
): Publication => ({ topic, payload, qos: 1, retain: whileAway === 'latest', whileAway })

/** What a bridge has of a broker: both links, one source and the publisher, wired as in the hallway. */
export class BrokerRig {
  readonly links: BrokerLinks
  readonly source: MqttSource
  readonly publisher: Publisher
  readonly frames: Frame[] = []
  retained: Publication[] = []

  constructor(
    config: Configuration['broker'],
    options: {
      readonly limits?: Partial<PublisherLimits>
      readonly source?: Partial<MqttSourceConfig>
    } = {},
  ) {
    this.links = connectBroker({
      config,
      bridgeId: 'rig',
      will: { topic: STATE_TOPIC, payload: 'offline', qos: 1, retain: true },
      clock: systemClock,
      // The shortest waits: a tenth of a second after a loss, then a second.
      random: () => 0,
    })
    this.source = new MqttSource({
      config: {
        kind: 'mqtt',
        topic: 'alec/{device}/frame',
        qos: 1,
        acceptRetained: false,
        reorderWindow: 0,
        payload: { encoding: 'binary' },
        ...options.source,
      },
      baseTopic: 'alec',
      uplink: this.links.input,
      downlink: this.links.output,
      clock: systemClock,
    })
    this.publisher = new Publisher({
      link: this.links.output,
      clock: systemClock,
      state: { topic: STATE_TOPIC, online: 'online', offline: 'offline' },
      beforeBirth: () => this.links.input.subscribed(),
      retained: () => this.retained,
      ...(options.limits && { limits: options.limits }),
    })
  }

  static over(
    urls: readonly string[],
    ...options: [] | [ConstructorParameters<typeof BrokerRig>[1]]
  ) {
    return new BrokerRig({ kind: 'external', urls, protocol: '3.1.1' }, ...options)
  }

  async start(): Promise<void> {
    await this.links.start()
    this.source.start({
      onFrame: (frame, taken) => {
        this.frames.push(frame)
        taken?.()
        return true
      },
      onState: () => {},
      onUnknown: () => {},
    })
    this.publisher.start()
  }

  async stop(): Promise<void> {
    await this.source.stop()
    await this.publisher.stop()
    await this.links.stop()
  }
}
