import type { Clock } from '../clock.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import type { BrokerDoor, ConnectionHandlers } from '../transport/index.js'
import type { ClusterNews, PartitionKeeper } from './cluster.js'
import { GroupClock } from './group-clock.js'
import type { LaneStore } from './lane-store.js'
import { type Probe, SharedConnection } from './shared-connection.js'
import { StateMarks } from './state-marks.js'
import type { Step } from './step.js'
import { storeComplaint, timeComplaint } from './store-health.js'

export interface SharedGroupOptions {
  readonly group: string
  /** The way to the broker; what is subscribed there is shared with the others of the group. */
  readonly door: BrokerDoor
  /** Finds out whether the broker deals messages as it has to. */
  readonly probe: () => Probe
  readonly store: LaneStore
  /** Tells this run of this bridge from all others. */
  readonly run: string
  readonly clock: Clock
  readonly news: ClusterNews
}

/**
 * This bridge's part in a group that shares its devices by shared subscriptions: a broker that hashes gives the messages of
 * each topic to one bridge. It does not say to which, so the store does; each topic is a partition by itself.
 */
export class SharedGroup implements HealthCheckable {
  readonly door: BrokerDoor
  readonly #options: SharedGroupOptions
  readonly #groupClock: GroupClock
  readonly #marks: StateMarks
  #keeper: PartitionKeeper = { onClaimed: () => {}, onLost: () => {}, statesOf: () => [] }
  #connection: SharedConnection | undefined
  #lanes = 0
  #onStoreTried: () => void = () => {}
  readonly #storeTried = new Promise<void>((resolve) => {
    this.#onStoreTried = resolve
  })
  #step: Step | undefined

  constructor(options: SharedGroupOptions) {
    const { door, clock, run } = options
    this.#options = options
    this.#groupClock = new GroupClock(run)
    this.#marks = new StateMarks(this.#groupClock, clock)
    this.door = {
      address: door.address,
      // What the broker keeps for us it would not give to the others.
      keepsSession: false,
      open: (handlers) => this.#open(handlers),
    }
  }

  /** The step of the frame that is being shown to the doors; undefined outside of that. */
  get step(): Step | undefined {
    return this.#step
  }

  /** Time passes for devices of this topic: what that leads to holds the result. Undefined where it is not ours. */
  begin(lane: number): Step | undefined {
    return this.#connection?.desk.begin(lane)
  }

  topicOf(lane: number): string | undefined {
    return this.#connection?.desk.topicOf(lane)
  }

  /** Connects to the state store. */
  start(keeper: PartitionKeeper): void {
    this.#keeper = keeper
    this.#options.store.start((state) => {
      this.#options.news.onStore(state)
      this.#onStoreTried()
    })
  }

  async stop(): Promise<void> {
    await this.#options.store.stop()
  }

  healthCheck(now: number): HealthCheck {
    const { store, clock, group } = this.#options
    const check = { component: 'cluster', checkedAt: now }
    const away = storeComplaint(store.state)
    if (away) return { ...check, ...away }
    const connection = this.#connection
    if (!connection) return { ...check, status: 'unknown', message: 'not connected' }
    const message = `${connection.desk.owned} topics of ${group}`
    const doubt =
      dealingComplaint(connection) ?? timeComplaint(this.#groupClock, this.#marks, clock)
    return doubt === undefined
      ? { ...check, status: 'healthy', message }
      : { ...check, status: 'degraded', message: `${message}; ${doubt}` }
  }

  #open(handlers: ConnectionHandlers): SharedConnection {
    const { news } = this.#options
    const connection: SharedConnection = new SharedConnection(
      {
        ...this.#options,
        storeTried: this.#storeTried,
        marks: this.#marks,
        nextNumber: () => this.#lanes++,
        deliver: (step, show) => this.#deliver(step, show),
        onClaimed: (lane, states) => this.#keeper.onClaimed(lane, states),
        onLost: (lane) => this.#keeper.onLost(lane),
        statesOf: (lane) => this.#keeper.statesOf(lane),
        onTrouble: (code, reason) => news.onTrouble(undefined, code, reason),
      },
      {
        onConnected: (resumed) => handlers.onConnected(resumed),
        onMessage: (message) => handlers.onMessage(message),
        onClosed: (end) => {
          if (this.#connection === connection) this.#connection = undefined
          handlers.onClosed(end)
        },
      },
    )
    this.#connection = connection
    connection.open()
    return connection
  }

  #deliver(step: Step, show: () => void): void {
    this.#step = step
    try {
      show()
    } finally {
      this.#step = undefined
    }
  }
}

/** What is not well with the topics of a connection; undefined where nothing is. */
function dealingComplaint({ desk, dropped }: SharedConnection): string | undefined {
  const { stalled, swinging } = desk
  if (stalled > 0) return `${stalled} wait for their states`
  if (swinging > 0) return `${swinging} go to and fro between bridges: does the broker still hash?`
  if (dropped > 0) return `${dropped} messages of QoS 0 dropped: let devices publish with QoS 1`
  return undefined
}
