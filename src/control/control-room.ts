import type { Clock, Undo } from '../clock.js'
import type { Configuration, LoadOutcome } from '../config/index.js'
import { type Fleet, type FleetHandlers, type OrderOutcome, ResyncBudget } from '../device/index.js'
import type { Log } from '../log.js'
import { type BridgeTopics, Shedder } from '../outputs/index.js'
import type { HealthCheckable } from '../resilience/index.js'
import type { BrokerLinks, Inlets, Publisher, SourceHandlers } from '../transport/index.js'
import type { BridgeMemory } from './bridge-memory.js'
import { CaptureDesk } from './capture-desk.js'
import type { SharedPartitions } from './cluster-intake.js'
import { openDiscovery } from './discovery/open-discovery.js'
import { DoorLog } from './door-log.js'
import { floodPolicy } from './fleet-options.js'
import { FleetOutputs } from './fleet-outputs.js'
import { type Gauge, HealthWatch } from './health-watch.js'
import type { Intake } from './intake.js'
import { KeyframeRequests } from './keyframe-requests.js'
import type { LogLevels } from './log-levels.js'
import type { Onlooker } from './onlooker.js'
import { openIntake } from './open-intake.js'
import { partLog } from './part-log.js'
import { Reload } from './reload.js'
import { RequestDesk } from './requests/request-desk.js'
import { RequestTopics } from './requests/request-topics.js'
import type { RosterStore, Settings } from './settings.js'
import { SummaryLog } from './summary-log.js'
import { TimeWatch } from './time-watch.js'

export interface ControlRoomOptions {
  readonly settings: Settings
  readonly version: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly memory?: BridgeMemory | undefined
  readonly cluster?: SharedPartitions | undefined
  readonly topics: BridgeTopics
  readonly fleet: Fleet
  /** One more fleet of the same devices, without a past. */
  readonly openFleet: (handlers: FleetHandlers) => Fleet
  readonly publisher: Publisher
  readonly links: BrokerLinks
  readonly inlets: Inlets
  readonly gauge: Gauge
  /** Reads the configuration again; absent where it does not come from a file. */
  readonly load?: (() => LoadOutcome) | undefined
  readonly rosterStore?: RosterStore | undefined
  readonly logLevels?: LogLevels | undefined
  readonly onlooker?: Onlooker | undefined
  readonly checkables?: readonly HealthCheckable[] | undefined
}

/** Everything beside the way of the frames: what is said and when, how it all is, and what is asked of the bridge. */
export class ControlRoom {
  readonly outputs: FleetOutputs
  readonly intake: Intake
  readonly changes: Reload
  /** Where the bridge is asked for things. */
  readonly desk: RequestDesk
  readonly #options: ControlRoomOptions
  readonly #capture: CaptureDesk
  readonly #keyframes: KeyframeRequests
  readonly #health: HealthWatch
  readonly #discovery: ReturnType<typeof openDiscovery>
  readonly #requests: RequestTopics
  readonly #summary: SummaryLog
  readonly #time: TimeWatch
  readonly #doors: DoorLog
  readonly #undo: Undo[] = []

  constructor(options: ControlRoomOptions) {
    const { settings, clock, log, links, inlets, publisher } = options
    const { sources } = inlets
    const configuration = settings.current
    const shedder = new Shedder()
    this.#options = options
    this.#doors = new DoorLog(partLog(log, 'doors'), () => this.#health.checkSoon())
    this.#keyframes = new KeyframeRequests(new ResyncBudget(configuration.resync), sources)
    this.outputs = new FleetOutputs({
      ...options,
      log: partLog(log, 'devices'),
      shedder,
      sources,
      publish: (publication) => publisher.publish(publication),
      hasRoom: () => publisher.stateRoom(),
      lost: () => publisher.counters().dropped,
      requests: this.#keyframes,
    })
    const ways = { outlet: publisher, outputs: this.outputs, inputs: [links.input] }
    const forget = (device: string) => {
      this.outputs.forget(device)
      this.#discovery.forget(device)
    }
    const taking = { configuration, sources, forget, log: partLog(log, 'journal') }
    this.intake = openIntake({ ...options, ...ways, ...taking })
    const discovering = { configuration, link: links.output, log: partLog(log, 'discovery') }
    this.#discovery = openDiscovery({ ...options, ...ways, ...discovering })
    this.#time = new TimeWatch(clock, partLog(log, 'clock'))
    const inside = [publisher, ...links.checkables, ...this.intake.checkables, this.#time]
    const outside = [...this.#discovery.checkables, ...(options.checkables ?? [])]
    this.#health = new HealthWatch({
      ...options,
      *checkables() {
        yield* inside
        yield* outside
        yield* sources
      },
      queueFill: () => publisher.counters().queuedBytes / settings.current.limits.queueBytes,
      journalFill: () => this.intake.fill(),
      onReport: (report, level) => {
        shedder.level = level
        this.outputs.report(report)
      },
    })
    this.changes = new Reload({
      ...options,
      order: (order, done) => this.intake.order(order, done),
      onApplied: (next) => this.#applied(next),
      log: partLog(log, 'configuration'),
    })
    const requestLog = partLog(log, 'requests')
    this.#capture = new CaptureDesk({
      ...options,
      files: options.memory?.captures,
      log: requestLog,
      baseTopic: configuration.baseTopic,
      sources: () => inlets.sources,
      onEnded: (result) => this.#requests.tell('capture/stop', result),
    })
    this.desk = new RequestDesk({
      log: requestLog,
      affairs: {
        ...options,
        outputs: this.outputs,
        changes: this.changes,
        keyframes: this.#keyframes,
        capture: this.#capture,
        health: () => this.#health.report(),
        counters: () => this.desk.counters,
        order: (order, done) => this.intake.order(order, done),
      },
    })
    this.#requests = new RequestTopics({
      desk: this.desk,
      baseTopic: configuration.baseTopic,
      topics: options.topics,
      log: requestLog,
      subscribe: (...subscription) => links.output.subscribe(...subscription),
      publish: (publication) => publisher.publish(publication),
    })
    this.#summary = new SummaryLog({
      ...options,
      log: partLog(log, 'summary'),
      journalFill: () => this.intake.fill(),
    })
  }

  /** What is to be known before anything is said: frames must be heard, and what the broker has of ours. */
  async beforeBirth(): Promise<void> {
    await Promise.all([this.#options.links.input.subscribed(), this.#discovery.heard()])
  }

  /** All that the broker has to hold. */
  birth(): ReturnType<FleetOutputs['birth']> {
    return this.outputs.birth(() => this.#discovery.birth())
  }

  /** The broker can take more. */
  roomMade(): void {
    this.intake.roomMade()
    this.outputs.roomMade()
  }

  /** An order has been obeyed by the fleet, now or in an earlier run. */
  obeyed(outcome: OrderOutcome): void {
    this.outputs.obeyed(outcome)
    this.intake.obeyed(outcome)
  }

  /** An exception escaped from one device's path. */
  failed(device: string, error: unknown): void {
    const message = 'decoding failed unexpectedly: its circuit opens'
    this.#options.log.error({ device, err: error }, message)
  }

  /** What a door tells. */
  doorHandlers({ id }: { readonly id: string }): SourceHandlers {
    const { fleet } = this.#options
    return {
      onFrame: (frame, taken, again) => {
        const came = this.intake.accept(frame, taken, again)
        if (came) this.#capture.see(frame)
        return came
      },
      refuses: (device, unread) => fleet.refuses(device, id, unread),
      onState: (state) => this.#doors.write('source', id, state),
      onUnknown: (unknown, reason) => fleet.unknown.note(unknown, reason),
      onBack: (absence) => fleet.welcome(id, absence),
    }
  }

  /** Watches doors and time from now on. */
  watch(): void {
    const { links } = this.#options
    for (const note of this.#options.settings.notes) this.#options.log.warn({}, note)
    this.#undo.push(
      this.#requests.start(),
      this.#discovery.start(),
      this.#doors.watch(links.output),
      this.#doors.watchSession(links.input),
      this.#time.everySecond((deafMs) => {
        this.intake.sweep()
        this.outputs.sweep(deafMs)
        this.#summary.look()
        // What was open may not be any more, and a report that is not answered shows it.
        if (deafMs > 0) this.#health.evaluate()
      }),
    )
  }

  /** Says how it is from now on. */
  begin(): void {
    this.#health.start()
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo()
    this.#doors.close()
    this.#health.stop()
  }

  /** Nothing comes in or leaves any more. */
  async close(): Promise<void> {
    await this.#capture.close()
    await this.intake.close()
  }

  #applied(configuration: Configuration): void {
    const { fleet, links, logLevels, inlets } = this.#options
    fleet.limit(floodPolicy(configuration))
    this.#keyframes.limit(configuration.resync)
    logLevels?.configure(configuration.log)
    const { broker } = configuration
    if (broker.kind === 'embedded') void links.embedded?.revise(broker)
    this.#health.keep(inlets.sources.map((source) => source.healthCheck(0).component))
    this.outputs.reconfigured()
  }
}
