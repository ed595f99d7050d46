import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import type { BrokerDoor, ConnectionHandlers } from '../transport/index.js'
import { ClusterConnection } from './cluster-connection.js'
import { DeviceStates } from './device-states.js'
import { Membership, type MembershipOptions, type PartitionKeeper } from './membership.js'
import type { OpenQueues } from './queue-port.js'
import type { StateStore } from './state-store.js'
import type { Step } from './step.js'
import { topologyOf } from './topology.js'

export interface ClusterOptions extends MembershipOptions {
  readonly group: string
  readonly partitions: number
  readonly prefetch: number
  /** Where the queues are, for people; never holds a secret. */
  readonly address: string
  readonly openQueues: OpenQueues
  readonly store: StateStore
}

/**
 * This bridge's part in a group that shares its devices. The broker gives every partition to one bridge; the bridge takes
 * what the one before it knew of the partition's devices from the state store, and writes what it knows itself before it
 * acknowledges a frame.
 */
export class Cluster implements HealthCheckable {
  readonly door: BrokerDoor
  readonly #options: ClusterOptions
  readonly #membership: Membership<ClusterConnection>
  readonly #states: DeviceStates

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#membership = new Membership(options)
    this.#states = new DeviceStates(options.store, this.#membership.marks)
    this.door = {
      address: options.address,
      keepsSession: true,
      open: (handlers) => this.#open(handlers),
    }
  }

  /** The step of the frame that is being shown to the doors; undefined outside of that. */
  get step(): Step | undefined {
    return this.#membership.step
  }

  /** Time passes for devices of this partition: what that leads to holds the result. Undefined where it is not ours. */
  begin(partition: number): Step | undefined {
    return this.#membership.connection?.begin(partition)
  }

  /** Connects to the state store. */
  start(keeper: PartitionKeeper): void {
    this.#membership.start(keeper)
  }

  stop(): Promise<void> {
    return this.#membership.stop()
  }

  healthCheck(now: number): HealthCheck {
    const { partitions, group } = this.#options
    return this.#membership.healthCheck(now, ({ owned, bridges, stalled }) => ({
      message: `${owned} of ${partitions} partitions of ${group}, ${bridges} bridges`,
      complaint: stalled > 0 ? `${stalled} wait for their states` : undefined,
    }))
  }

  #open(handlers: ConnectionHandlers): ClusterConnection {
    const { group, partitions, news } = this.#options
    const membership = this.#membership
    return membership.open(
      handlers,
      (told) =>
        new ClusterConnection(
          {
            ...this.#options,
            topology: topologyOf(group, partitions),
            storeTried: membership.storeTried,
            states: this.#states,
            deliver: (step, show) => membership.deliver(step, show),
            onClaimed: (partition, states) => membership.keeper.onClaimed(partition, states),
            onLost: (partition) => membership.keeper.onLost(partition),
            statesOf: (partition) => membership.keeper.statesOf(partition),
            onTrouble: (partition, code, reason) => news.onTrouble(partition, code, reason),
          },
          told,
        ),
    )
  }
}
