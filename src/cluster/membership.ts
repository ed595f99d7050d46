import type { Clock } from '../clock.js'
import type { HealthCheck } from '../resilience/index.js'
import type { BrokerConnection, ConnectionHandlers } from '../transport/index.js'
import { GroupClock } from './group-clock.js'
import { StateMarks, type TakenState } from './state-marks.js'
import type { KeptState, StoreLink, StoreState } from './state-store.js'
import type { Step } from './step.js'
import { storeComplaint, timeComplaint } from './store-health.js'

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

export interface MembershipOptions {
  readonly store: Pick<StoreLink, 'state' | 'start' | 'stop'>
  /** Tells this run of this bridge from all others. */
  readonly run: string
  readonly clock: Clock
  readonly news: ClusterNews
}

/** What a connection of a member has to say of itself. */
export interface MemberReport {
  /** What of the group is ours. */
  readonly message: string
  /** What is not well with that; undefined where nothing is. */
  readonly complaint: string | undefined
}

/** What every bridge of a group has, however it gets its frames: a store, a time, a keeper, and one connection at most. */
export class Membership<Connection extends BrokerConnection & { open(): void }> {
  readonly marks: StateMarks
  /** Resolves once it is known whether the store is there. */
  readonly storeTried: Promise<void>
  readonly #options: MembershipOptions
  readonly #groupClock: GroupClock
  #keeper: PartitionKeeper = { onClaimed: () => {}, onLost: () => {}, statesOf: () => [] }
  #connection: Connection | undefined
  #onStoreTried: () => void = () => {}
  #step: Step | undefined

  constructor(options: MembershipOptions) {
    this.#options = options
    this.#groupClock = new GroupClock(options.run)
    this.marks = new StateMarks(this.#groupClock, options.clock)
    this.storeTried = new Promise((resolve) => {
      this.#onStoreTried = resolve
    })
  }

  /** The step of the frame that is being shown to the doors; undefined outside of that. */
  get step(): Step | undefined {
    return this.#step
  }

  get keeper(): PartitionKeeper {
    return this.#keeper
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Connects to the state store. */
  start(keeper: PartitionKeeper): void {
    this.#keeper = keeper
    const { store, news } = this.#options
    store.start((state) => {
      news.onStore(state)
      this.#onStoreTried()
    })
  }

  stop(): Promise<void> {
    return this.#options.store.stop()
  }

  /** Shows a message's frame to the doors, as what the step is about. */
  deliver(step: Step, show: () => void): void {
    this.#step = step
    try {
      show()
    } finally {
      this.#step = undefined
    }
  }

  /** Opens a connection: it is ours until it has ended. */
  open(
    handlers: ConnectionHandlers,
    connect: (handlers: ConnectionHandlers) => Connection,
  ): Connection {
    const connection: Connection = connect({
      onConnected: (resumed, abilities) => handlers.onConnected(resumed, abilities),
      onMessage: (message) => handlers.onMessage(message),
      onClosed: (end) => {
        if (this.#connection === connection) this.#connection = undefined
        handlers.onClosed(end)
      },
    })
    this.#connection = connection
    connection.open()
    return connection
  }

  /** How the group is seen from here: what `report` says of the connection, unless something keeps all of it. */
  healthCheck(now: number, report: (connection: Connection) => MemberReport): HealthCheck {
    const { store, clock } = this.#options
    const check = { component: 'cluster', checkedAt: now }
    const away = storeComplaint(store.state)
    if (away) return { ...check, ...away }
    if (!this.#connection) return { ...check, status: 'unknown', message: 'not connected' }
    const { message, complaint } = report(this.#connection)
    const doubt = complaint ?? timeComplaint(this.#groupClock, this.marks, clock)
    return doubt === undefined
      ? { ...check, status: 'healthy', message }
      : { ...check, status: 'degraded', message: `${message}; ${doubt}` }
  }
}
