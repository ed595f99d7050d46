import type { Configuration } from '../config/configuration.js'
import type { RequestDesk } from '../control/index.js'
import type { DeviceSession, Fleet } from '../device/index.js'
import type { Journal } from '../journal/index.js'
import type {
  EmbeddedBrokerCounters,
  MqttLink,
  PublisherCounters,
  Source,
} from '../transport/index.js'

/**
 * What the window looks at: the bridge's own parts, of which it calls nothing that changes anything but the desk, for those
 * who may.
 */
export interface Views {
  readonly configuration: Pick<Configuration, 'bridge' | 'devices' | 'models' | 'defaultModel'>
  readonly version: string
  readonly fleet: FleetView
  readonly sources: readonly SourceView[]
  readonly publisher: { counters(): PublisherCounters }
  readonly broker: BrokerView
  /** Absent where frames are not kept. */
  readonly journal?: JournalView
  readonly requests: DeskView
}

export type DeskView = Pick<RequestDesk, 'ask' | 'knows' | 'document' | 'longest' | 'tally'>

/** The links to the broker, and the broker where it is in this process. */
export interface BrokerView {
  readonly input: LinkView
  readonly output: LinkView
  readonly embedded?: { counters(): EmbeddedBrokerCounters }
}

export type LinkView = Pick<MqttLink, 'state' | 'counters'>

export type JournalView = Pick<
  Journal,
  'bytes' | 'fill' | 'idle' | 'state' | 'lastOrdinal' | 'settled' | 'counters'
>

export type SourceView = Pick<Source, 'id' | 'state' | 'noise' | 'counters'>

export interface FleetView extends Pick<Fleet, 'size' | 'unknown'> {
  sessions(): IterableIterator<SessionView>
  session(id: string): SessionView | undefined
}

export type SessionView = Pick<
  DeviceSession,
  'id' | 'profile' | 'source' | 'status' | 'held' | 'ttlMs'
>
