import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import type { BrokerDoor, ConnectionHandlers } from '../transport/index.js'
import type { LaneStore } from './lane-store.js'
import { Membership, type MembershipOptions, type PartitionKeeper } from './membership.js'
import { type Probe, SharedConnection } from './shared-connection.js'
import type { Step } from './step.js'

export interface SharedGroupOptions extends MembershipOptions {
  readonly group: string
  /** The way to the broker; what is subscribed there is shared with the others of the group. */
  readonly door: BrokerDoor
  /** Finds out whether the broker deals messages as it has to. */
  readonly probe: () => Probe
  readonly store: LaneStore
}

/**
 * This bridge's part in a group that shares its devices by shared subscriptions: a broker that hashes gives the messages of
 * each topic to one bridge. It does not say to which, so the store does; each topic is a partition by itself.
 */
export class SharedGroup implements HealthCheckable {
  readonly door: BrokerDoor
  readonly #options: SharedGroupOptions
  readonly #membership: Membership<SharedConnection>
  #lanes = 0

  constructor(options: SharedGroupOptions) {
    this.#options = options
    this.#membership = new Membership(options)
    this.door = {
      address: options.door.address,
      // What the broker keeps for us it would not give to the others.
      keepsSession: false,
      open: (handlers) => this.#open(handlers),
    }
  }

  /** The step of the frame that is being shown to the doors; undefined outside of that. */
  get step(): Step | undefined {
    return this.#membership.step
  }

  /** Time passes for devices of this topic: what that leads to holds the result. Undefined where it is not ours. */
  begin(lane: number): Step | undefined {
    return this.#membership.connection?.desk.begin(lane)
  }

  topicOf(lane: number): string | undefined {
    return this.#membership.connection?.desk.topicOf(lane)
  }

  /** Connects to the state store. */
  start(keeper: PartitionKeeper): void {
    this.#membership.start(keeper)
  }

  stop(): Promise<void> {
    return this.#membership.stop()
  }

  healthCheck(now: number): HealthCheck {
    const { group } = this.#options
    return this.#membership.healthCheck(now, (connection) => ({
      message: `${connection.desk.owned} topics of ${group}`,
      complaint: dealingComplaint(connection),
    }))
  }

  #open(handlers: ConnectionHandlers): SharedConnection {
    const { news } = this.#options
    const membership = this.#membership
    return membership.open(
      handlers,
      (told) =>
        new SharedConnection(
          {
            ...this.#options,
            storeTried: membership.storeTried,
            marks: membership.marks,
            nextNumber: () => this.#lanes++,
            deliver: (step, show) => membership.deliver(step, show),
            onClaimed: (lane, states) => membership.keeper.onClaimed(lane, states),
            onLost: (lane) => membership.keeper.onLost(lane),
            statesOf: (lane) => membership.keeper.statesOf(lane),
            onTrouble: (code, reason) => news.onTrouble(undefined, code, reason),
          },
          told,
        ),
    )
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
