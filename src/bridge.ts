import type { BridgeOptions } from './bridge-options.js'
import type { Undo } from './clock.js'
import {
  DoorLog,
  FleetOutputs,
  fleetOptions,
  HealthWatch,
  type Intake,
  KeyframeRequests,
  openDiscovery,
  openIntake,
  outletHandlers,
  TimeWatch,
} from './control/index.js'
import { Fleet, type FleetHandlers, ResyncBudget } from './device/index.js'
import { bridgeState, bridgeTopics, Shedder } from './outputs/index.js'
import { ProcessGauge } from './process-gauge.js'
import {
  type BrokerLinks,
  configuredSources,
  connectBroker,
  Publisher,
  type Source,
  tappedLink,
} from './transport/index.js'

/** The hallway: bytes come in at the sources, go as frames to the fleet's rooms, and leave as publications. */
export class Bridge {
  readonly sources: readonly Source[]
  readonly fleet: Fleet
  readonly publisher: Publisher
  readonly #links: BrokerLinks
  readonly #outputs: FleetOutputs
  readonly #intake: Intake
  readonly #health: HealthWatch
  readonly #discovery: ReturnType<typeof openDiscovery>
  readonly #time: TimeWatch
  readonly #doors: DoorLog
  readonly #undo: Undo[] = []
  #running = false

  constructor(options: BridgeOptions) {
    const { configuration, memory, log, onPublished } = options
    const { baseTopic, bridge, broker, limits } = configuration
    const clock = memory?.clock ?? options.clock
    const parts = { ...options, clock }
    const topics = bridgeTopics(baseTopic, options.cluster && bridge.id)
    this.#doors = new DoorLog(log, () => this.#health.checkSoon())
    const us = { bridgeId: bridge.id, will: bridgeState(topics, 'offline') }
    this.#links = connectBroker({ config: broker, ...us, ...parts, door: options.brokerDoor })
    const configured = configuredSources(configuration, this.#links, parts)
    this.sources = [...configured, ...(options.sources ?? [])]
    const shedder = new Shedder()
    const openFleet = (handlers: FleetHandlers) =>
      new Fleet(fleetOptions(configuration, clock, memory?.epochBase), handlers)
    this.fleet = openFleet({
      onVerdict: (verdict, session) => this.#intake.verdict(verdict, session),
      onAccepted: (session) => this.#outputs.accepted(session),
      onInternalError: (device, error) =>
        log.error({ device, err: error }, 'decoding failed unexpectedly: its circuit opens'),
    })
    this.publisher = new Publisher({
      link: onPublished ? tappedLink(this.#links.output, onPublished) : this.#links.output,
      clock,
      state: { topic: topics.state, online: 'online', offline: 'offline' },
      beforeBirth: () => this.#links.input.subscribed(),
      retained: () => this.#outputs.birth(),
      ...outletHandlers(() => this.#intake, memory !== undefined),
      limits: { queueBytes: limits.queueBytes },
    })
    this.#outputs = new FleetOutputs({
      ...parts,
      topics,
      shedder,
      fleet: this.fleet,
      sources: this.sources,
      publish: (publication) => this.publisher.publish(publication),
      lost: () => this.publisher.counters().dropped,
      requests: new KeyframeRequests(new ResyncBudget(configuration.resync), this.sources),
    })
    const { sources, publisher, fleet } = this
    const ways = { outlet: publisher, outputs: this.#outputs, inputs: [this.#links.input] }
    this.#intake = openIntake({ ...parts, ...ways, fleet, sources, openFleet })
    this.#discovery = openDiscovery({ ...parts, ...ways, fleet, link: this.#links.output })
    this.#time = new TimeWatch(clock, log)
    const inside = [publisher, ...this.#links.checkables, ...this.#intake.checkables, this.#time]
    this.#health = new HealthWatch({
      gauge: new ProcessGauge(),
      ...parts,
      checkables: [inside, this.#discovery.checkables, sources, options.checkables ?? []].flat(),
      queueFill: () => publisher.counters().queuedBytes / limits.queueBytes,
      journalFill: () => this.#intake.fill(),
      onReport: (report, level) => {
        shedder.level = level
        this.#outputs.report(report)
      },
    })
  }

  /** The links to the broker, and the broker itself where it is embedded. */
  get broker(): BrokerLinks {
    return this.#links
  }

  /** Goes on from an earlier run and opens every door; rejects only where the embedded broker cannot listen. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.#intake.start()
    await this.#links.start()
    for (const source of this.sources) {
      source.start({
        onFrame: (...frame) => this.#intake.accept(...frame),
        onState: (state) => this.#doors.write('source', source.id, state),
        onUnknown: (id, reason) => this.fleet.unknown.note(id, reason),
        onBack: (absence) => this.fleet.welcome(source.id, absence),
      })
    }
    this.#undo.push(
      this.#discovery.start(),
      this.#doors.watch(this.#links.output),
      this.#doors.watchSession(this.#links.input),
      this.#time.everySecond((deafMs) => {
        this.#intake.sweep()
        this.#outputs.sweep(deafMs)
        // What was open may not be any more, and a report that is not answered shows it.
        if (deafMs > 0) this.#health.evaluate()
      }),
    )
    this.publisher.start()
    this.#health.start()
  }

  /** Stops reading, says `offline`, closes everything; resolves within about five seconds. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    for (const undo of this.#undo.splice(0)) undo()
    this.#doors.close()
    this.#health.stop()
    // Before its sources take back their subscriptions: the broker shall keep what comes until we are back.
    await this.#links.input.stop()
    await Promise.all(this.sources.map((source) => source.stop()))
    await this.#intake.stop()
    this.#outputs.sayAll()
    await this.publisher.stop()
    await this.#links.stop()
    await this.#intake.close()
  }
}
