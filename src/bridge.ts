import type { BridgeOptions } from './bridge-options.js'
import type { Configuration } from './config/index.js'
import {
  ControlRoom,
  fleetOptions,
  outletHandlers,
  publishLog,
  type Reload,
  Settings,
} from './control/index.js'
import { Fleet, type FleetHandlers } from './device/index.js'
import { bridgeState, bridgeTopics } from './outputs/index.js'
import { ProcessGauge } from './process-gauge.js'
import {
  type BrokerLinks,
  connectBroker,
  Inlets,
  limitsOf,
  Publisher,
  type Source,
  tappedLink,
} from './transport/index.js'

/** The hallway: bytes come in at the sources, go as frames to the fleet's rooms, and leave as publications. */
export class Bridge {
  readonly fleet: Fleet
  readonly publisher: Publisher
  readonly #settings: Settings
  readonly #links: BrokerLinks
  readonly #inlets: Inlets
  readonly #control: ControlRoom
  #running = false

  constructor(options: BridgeOptions) {
    const { memory, log, onPublished } = options
    const settings = new Settings(options.configuration, options.roster)
    this.#settings = settings
    const { baseTopic, bridge, broker, limits, devices } = settings.current
    const clock = memory?.clock ?? options.clock
    const parts = { ...options, clock, settings }
    const topics = bridgeTopics(baseTopic, options.cluster && bridge.id)
    const us = { bridgeId: bridge.id, will: bridgeState(topics, 'offline') }
    const links = connectBroker({ config: broker, ...us, ...parts, door: options.brokerDoor })
    this.#links = links
    this.#inlets = new Inlets(settings.current, { ...parts, links })
    const first = settings.current
    const openFleet = (handlers: FleetHandlers) =>
      new Fleet(fleetOptions(first, clock, memory?.epochBase), handlers)
    const fleet = openFleet({
      onVerdict: (...verdict) => this.#control.intake.verdict(...verdict),
      onAccepted: (session) => this.#control.outputs.accepted(session),
      onInternalError: (...error) => this.#control.failed(...error),
      onObeyed: (outcome) => this.#control.obeyed(outcome),
    })
    this.fleet = fleet
    const publisher = new Publisher({
      link: tappedLink(links.output, publishLog(log, onPublished)),
      clock,
      state: { topic: topics.state, online: 'online', offline: 'offline' },
      beforeBirth: () => this.#control.beforeBirth(),
      retained: () => this.#control.birth(),
      onRoom: () => this.#control.roomMade(),
      onBorn: options.onBorn,
      ...outletHandlers(() => this.#control.intake, memory !== undefined),
      limits: limitsOf(limits.queueBytes, devices.size),
    })
    this.publisher = publisher
    this.#control = new ControlRoom({
      gauge: new ProcessGauge(),
      ...parts,
      topics,
      fleet,
      openFleet,
      publisher,
      links,
      inlets: this.#inlets,
    })
  }

  /** What it works with now. */
  get configuration(): Configuration {
    return this.#settings.current
  }

  /** The doors as they are now. */
  get sources(): readonly Source[] {
    return this.#inlets.sources
  }

  /** The links to the broker, and the broker itself where it is embedded. */
  get broker(): BrokerLinks {
    return this.#links
  }

  /** Where it is asked for things. */
  get requests(): ControlRoom['desk'] {
    return this.#control.desk
  }

  /** Reads the configuration again and brings doors and devices to it, one by one. */
  reload(): ReturnType<Reload['reload']> {
    return this.#control.changes.reload()
  }

  /** Goes on from an earlier run and opens every door; rejects only where the embedded broker cannot listen. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.#control.intake.start()
    await this.#links.start()
    this.#inlets.start((source) => this.#control.doorHandlers(source))
    this.#control.watch()
    this.publisher.start()
    this.#control.begin()
  }

  /** Stops reading, says `offline`, closes everything; resolves within about five seconds. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#control.stop()
    // Before its sources take back their subscriptions: the broker shall keep what comes until we are back.
    await this.#links.input.stop()
    await this.#inlets.stop()
    await this.#control.intake.stop()
    this.#control.outputs.sayAll()
    await this.publisher.stop()
    await this.#links.stop()
    await this.#control.close()
  }
}
