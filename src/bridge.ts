import { type Clock, setRepeating, type Undo } from './clock.js'
import type { Configuration } from './config/index.js'
import {
  DoorLog,
  FleetOutputs,
  fleetOptions,
  type Gauge,
  HealthWatch,
  KeyframeRequests,
} from './control/index.js'
import { Fleet, ResyncBudget } from './device/index.js'
import type { Log } from './log.js'
import { bridgeState, bridgeTopics, Shedder } from './outputs/index.js'
import { ProcessGauge } from './process-gauge.js'
import {
  type BrokerLinks,
  type brokerDoor,
  configuredSources,
  connectBroker,
  type OutgoingMessage,
  Publisher,
  type Source,
  tappedLink,
} from './transport/index.js'

export interface BridgeOptions {
  readonly configuration: Configuration
  readonly version: string
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** Hears every message that is handed to the broker. */
  readonly onPublished?: (message: OutgoingMessage) => void
  /** Doors beside the configured ones. */
  readonly sources?: readonly Source[]
  /** The way to an external broker; default: MQTT over the network. */
  readonly brokerDoor?: typeof brokerDoor
  /** How the process is; default: as this one is. */
  readonly gauge?: Gauge
}

const SWEEP_MS = 1000

/** The hallway: bytes come in at the sources, go as frames to the fleet's rooms, and leave as publications. */
export class Bridge {
  readonly sources: readonly Source[]
  readonly fleet: Fleet
  readonly publisher: Publisher
  readonly #options: BridgeOptions
  readonly #links: BrokerLinks
  readonly #outputs: FleetOutputs
  readonly #requests: KeyframeRequests
  readonly #health: HealthWatch
  readonly #doors: DoorLog
  readonly #undo: Undo[] = []
  #running = false

  constructor(options: BridgeOptions) {
    const { configuration, clock, random, log, onPublished } = options
    const { baseTopic, bridge, broker } = configuration
    this.#options = options
    const topics = bridgeTopics(baseTopic)
    const ports = { clock, random, door: options.brokerDoor }
    this.#doors = new DoorLog(log, () => this.#health.checkSoon())
    const will = bridgeState(topics, 'offline')
    this.#links = connectBroker({ config: broker, bridgeId: bridge.id, will, ...ports })
    const configured = configuredSources(configuration, this.#links, ports)
    this.sources = [...configured, ...(options.sources ?? [])]
    const shedder = new Shedder()
    this.fleet = new Fleet(fleetOptions(configuration, clock, random), {
      onVerdict: (verdict, session) => {
        this.#outputs.verdict(verdict, session)
        if (verdict.kind !== 'readings' || !verdict.wantsKeyframe) return
        const asked = this.#requests.ask(session, verdict.frame)
        if (asked) this.#outputs.event(asked, session)
      },
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
      limits: { queueBytes: configuration.limits.queueBytes },
    })
    this.#outputs = new FleetOutputs({
      ...options,
      topics,
      shedder,
      fleet: this.fleet,
      sources: this.sources,
      publish: (publication) => this.publisher.publish(publication),
    })
    this.#requests = new KeyframeRequests(new ResyncBudget(configuration.resync), this.sources)
    this.#health = new HealthWatch({
      gauge: new ProcessGauge(),
      ...options,
      checkables: [this.publisher, ...this.#links.checkables, ...this.sources],
      queueFill: () => this.publisher.counters().queuedBytes / configuration.limits.queueBytes,
      onReport: (report, level) => {
        shedder.level = level
        this.#outputs.report(report)
      },
    })
  }

  /** The broker's own address where it is embedded, once the bridge runs. */
  get embeddedAddress(): string | undefined {
    return this.#links.embedded?.address
  }

  /** Opens every door; rejects only where the embedded broker cannot listen. What is away is tried for ever. */
  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.#links.start()
    for (const source of this.sources) {
      source.start({
        onFrame: (frame) => this.fleet.accept(frame),
        onState: (state) => this.#doors.write('source', source.id, state),
        onUnknown: (id, reason) => this.fleet.unknown.note(id, reason),
      })
    }
    this.#undo.push(
      this.#doors.watch(this.#links.output),
      setRepeating(this.#options.clock, SWEEP_MS, () => this.#outputs.sweep()),
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
    this.#outputs.sayAll()
    await this.publisher.stop()
    await this.#links.stop()
  }
}
