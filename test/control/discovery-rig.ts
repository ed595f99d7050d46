import type { DiscoveredDevice } from '../../src/control/discovery/announced-devices.js'
import { Discovery, type DiscoveryOptions } from '../../src/control/discovery/discovery.js'
import { type ChannelSpec, compileProfile } from '../../src/device/index.js'
import type { DiscoverySite } from '../../src/outputs/index.js'
import type { IncomingMessage, SourceState } from '../../src/transport/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { ManualClock } from '../support/manual-clock.js'

export const SITE: DiscoverySite = {
  prefix: 'homeassistant',
  baseTopic: 'alec',
  bridge: 'gw-1',
  version: '1.2.3',
  uncertain: 'mark',
}

export const configTopic = (id: string): string => `homeassistant/device/alec_${id}/config`
export const BRIDGE = configTopic('bridge')
const CONFIGS = 'homeassistant/device/+/config'
const STATUS = 'homeassistant/status'

export const profileOf = (channels: readonly ChannelSpec[], intervalMs?: number) =>
  compileProfile({
    ...defaultSpec,
    ...(intervalMs !== undefined && { intervalMs }),
    channels,
  })

/** A broker that keeps what is published, shared by the bridges of a test. */
export class KeptTopics {
  readonly topics = new Map<string, string>()
  readonly #listeners = new Set<(topic: string, payload: string) => void>()

  listen(listener: (topic: string, payload: string) => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  publish(topic: string, payload: string): void {
    if (payload === '') this.topics.delete(topic)
    else this.topics.set(topic, payload)
    for (const listener of [...this.#listeners]) listener(topic, payload)
  }

  /** The entities that are announced on a topic, by key. */
  entities(topic: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    return JSON.parse(this.topics.get(topic) ?? '{"components":{}}').components
  }
}

/** Discovery on a broker that the test plays, with devices that it adds and takes away. */
export class DiscoveryRig {
  readonly clock = new ManualClock()
  readonly devices = new Map<string, DiscoveredDevice>()
  readonly names = new Map<string, string>()
  readonly published: { readonly topic: string; readonly payload: string }[] = []
  readonly logged: string[] = []
  readonly discovery: Discovery
  readonly stop: () => void
  readonly #handlers = new Map<string, Parameters<DiscoveryOptions['subscribe']>[2]>()
  readonly #broker: KeptTopics

  constructor(broker = new KeptTopics(), rest: Partial<DiscoveryOptions> = {}) {
    this.#broker = broker
    const log = (_facts: object, message: string) => this.logged.push(message)
    this.discovery = new Discovery({
      config: { enabled: true, prefix: 'homeassistant', statusTopic: STATUS },
      site: SITE,
      devices: {
        all: () => this.devices.values(),
        one: (id) => this.devices.get(id),
        named: (id) => {
          const name = this.names.get(id)
          return { model: 'climate', ...(name !== undefined && { name }) }
        },
      },
      retainsReadings: false,
      takesIn: false,
      subscribe: (filter, _qos, handlers) => {
        this.#handlers.set(filter, handlers)
        handlers.onState({ kind: 'opening' })
        return () => this.#handlers.delete(filter)
      },
      publish: ({ topic, payload }) => {
        this.published.push({ topic, payload: String(payload) })
        broker.publish(topic, String(payload))
      },
      clock: this.clock,
      random: () => 0.5,
      log: { debug: log, info: log, warn: log, error: log },
      ...rest,
    })
    broker.listen((topic, payload) => this.hear(topic, payload, false))
    this.stop = this.discovery.start()
  }

  add(id: string, channels: readonly ChannelSpec[] = [{ name: 'temperature' }]): void {
    this.put({ id, profile: profileOf(channels, 60_000), ttlMs: 180_000, source: 'mqtt:x' })
  }

  put(device: DiscoveredDevice): void {
    this.devices.set(device.id, device)
  }

  /** The broker grants the subscription, and sends what it has kept before that or after it. */
  open(kept: 'before' | 'after' = 'before', status: 'granted' | 'refused' = 'granted'): this {
    const open = { kind: 'open', since: this.clock.mono() } as const
    const grant = () => {
      if (status === 'granted') this.linkState(open)
      else this.#handlers.get(CONFIGS)?.onState(open)
    }
    if (kept === 'after') grant()
    for (const [topic, payload] of this.#broker.topics) this.hear(topic, payload, true)
    if (kept === 'before') grant()
    return this
  }

  linkState(state: SourceState): void {
    for (const handlers of [...this.#handlers.values()]) handlers.onState(state)
  }

  hear(topic: string, payload: string, retain: boolean): void {
    const filter = topic === STATUS ? STATUS : CONFIGS
    if (filter === CONFIGS && !/^homeassistant\/device\/[^/]+\/config$/.test(topic)) return
    const message: IncomingMessage = { topic, payload: Buffer.from(payload), qos: 0, retain }
    this.#handlers.get(filter)?.onMessage(message)
  }

  birth(): void {
    this.hear(STATUS, 'online', false)
  }

  /** Lets time pass; returns the topics that were published meanwhile. */
  after(ms: number): string[] {
    const from = this.published.length
    this.clock.advance(ms)
    return this.published.slice(from).map(({ topic }) => topic)
  }
}
