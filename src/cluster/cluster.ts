import type { Clock } from '../clock.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import type { BrokerDoor, ConnectionHandlers } from '../transport/index.js'
import { ClusterConnection } from './cluster-connection.js'
import { DeviceStates } from './device-states.js'
import { GroupClock } from './group-clock.js'
import type { OpenQueues } from './queue-port.js'
import { StateMarks, type TakenState } from './state-marks.js'
import type { KeptState, StateStore, StoreState } from './state-store.js'
import type { Step } from './step.js'
import { storeComplaint, timeComplaint } from './store-health.js'
import { topologyOf } from './topology.js'

/** Who has the devices: what becomes of a partition is told to him. */
export interface PartitionKeeper {
  /** The partition is ours from now on; what is known of its devices. */
  onClaimed(partition: number, states: readonly TakenState[]): void
  /** It is not ours any more: its devices are somebody else's. */
  onLost(partition: number): void
  /** All devices of a partition that is ours, as they stand now. */
  statesOf(partition: number): readonly KeptState[]
}

/** What happened to a partition, or where there are none to all devices, for the log. */
export interface ClusterNews {
  onTrouble(partition: number | undefined, code: string, reason: string): void
  onStore(state: StoreState): void
}

export interface ClusterOptions {
  readonly group: string
  readonly partitions: number
  readonly prefetch: number
  /** Where the queues are, for people; never holds a secret. */
  readonly address: string
  readonly openQueues: OpenQueues
  readonly store: StateStore
  /** Tells this run of this bridge from all others. */
  readonly run: string
  readonly clock: Clock
  readonly news: ClusterNews
}

/**
 * This bridge's part in a group that shares its devices. The broker gives every partition to one bridge; the bridge takes
 * what the one before it knew of the partition's devices from the state store, and writes what it knows itself before it
 * acknowledges a frame.
 */
export class Cluster implements HealthCheckable {
  readonly door: BrokerDoor
  readonly #options: ClusterOptions
  readonly #groupClock: GroupClock
  readonly #marks: StateMarks
  readonly #states: DeviceStates
  #keeper: PartitionKeeper = { onClaimed: () => {}, onLost: () => {}, statesOf: () => [] }
  #connection: ClusterConnection | undefined
  #onStoreTried: () => void = () => {}
  readonly #storeTried = new Promise<void>((resolve) => {
    this.#onStoreTried = resolve
  })
  #step: Step | undefined

  constructor(options: ClusterOptions) {
    const { store, clock, run } = options
    this.#options = options
    this.#groupClock = new GroupClock(run)
    this.#marks = new StateMarks(this.#groupClock, clock)
    this.#states = new DeviceStates(store, this.#marks)
    this.door = {
      address: options.address,
      keepsSession: true,
      open: (handlers) => this.#open(handlers),
    }
  }

  /** The step of the frame that is being shown to the doors; undefined outside of that. */
  get step(): Step | undefined {
    return this.#step
  }

  /** Time passes for devices of this partition: what that leads to holds the result. Undefined where it is not ours. */
  begin(partition: number): Step | undefined {
    return this.#connection?.begin(partition)
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
    const { store, partitions, clock, group } = this.#options
    const check = { component: 'cluster', checkedAt: now }
    const away = storeComplaint(store.state)
    if (away) return { ...check, ...away }
    const connection = this.#connection
    if (!connection) return { ...check, status: 'unknown', message: 'not connected' }
    const { owned, bridges, stalled } = connection
    const message = `${owned} of ${partitions} partitions of ${group}, ${bridges} bridges`
    const doubt =
      stalled > 0
        ? `${stalled} wait for their states`
        : timeComplaint(this.#groupClock, this.#marks, clock)
    return doubt === undefined
      ? { ...check, status: 'healthy', message }
      : { ...check, status: 'degraded', message: `${message}; ${doubt}` }
  }

  #open(handlers: ConnectionHandlers): ClusterConnection {
    const { group, partitions, prefetch, openQueues, store, clock, news } = this.#options
    const connection: ClusterConnection = new ClusterConnection(
      {
        group,
        topology: topologyOf(group, partitions),
        prefetch,
        openQueues,
        store,
        storeTried: this.#storeTried,
        states: this.#states,
        clock,
        deliver: (step, show) => this.#deliver(step, show),
        onClaimed: (partition, states) => this.#keeper.onClaimed(partition, states),
        onLost: (partition) => this.#keeper.onLost(partition),
        statesOf: (partition) => this.#keeper.statesOf(partition),
        onTrouble: (partition, code, reason) => news.onTrouble(partition, code, reason),
      },
      {
        ...handlers,
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
