import type { Clock } from './clock.js'
import type { Cluster, SharedGroup } from './cluster/index.js'
import type { Configuration, LoadOutcome } from './config/index.js'
import type {
  BridgeMemory,
  Gauge,
  LogLevels,
  Onlooker,
  Roster,
  RosterStore,
} from './control/index.js'
import type { Log } from './log.js'
import type { HealthCheckable } from './resilience/index.js'
import type { brokerDoor, OutgoingMessage, Source } from './transport/index.js'

export interface BridgeOptions {
  readonly configuration: Configuration
  readonly version: string
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** What outlives the process; without it frames are not kept, and a restart knows nothing. */
  readonly memory?: BridgeMemory | undefined
  /** The group that the bridge shares its devices with, in place of a memory of its own. */
  readonly cluster?: Cluster | SharedGroup | undefined
  /** Reads the configuration again; absent where it does not come from a file. */
  readonly load?: () => LoadOutcome
  /** What requests have made of the devices before, and where that is kept. */
  readonly roster?: Roster | undefined
  readonly rosterStore?: RosterStore | undefined
  /** Which lines of the log are written. */
  readonly logLevels?: LogLevels
  /** Everything that is retained has been said, at every connect to the broker. */
  readonly onBorn?: () => void
  /** Hears every message that is handed to the broker. */
  readonly onPublished?: (message: OutgoingMessage) => void
  /** Sees every verdict, event and report, and touches nothing. */
  readonly onlooker?: Onlooker | undefined
  /** What else can be healthy or not. */
  readonly checkables?: readonly HealthCheckable[]
  /** Doors beside the configured ones. */
  readonly sources?: readonly Source[]
  /** The way to an external broker; default: MQTT over the network. */
  readonly brokerDoor?: typeof brokerDoor
  /** How the process is; default: as this one is. */
  readonly gauge?: Gauge
}
