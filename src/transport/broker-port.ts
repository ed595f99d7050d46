import type { Publication } from '../outputs/publication.js'
import type { SendOutcome } from './source.js'

/** What leaves for the broker. */
export type OutgoingMessage = Omit<Publication, 'whileAway'>

/** What comes from the broker; the payload is only lent for the duration of the call. */
export interface IncomingMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  /** True where the broker had it in store: it is old. */
  readonly retain: boolean
  /** Where an answer is wanted, and what is to stand in it (MQTT 5). */
  readonly responseTopic?: string | undefined
  readonly correlation?: Uint8Array | undefined
  /** The user who published it, where the broker is in this process and has users. */
  readonly from?: string | undefined
  /** The broker delivers it once more, because it heard no acknowledgement. */
  readonly again?: boolean
  /**
   * Keeps its acknowledgement back until the result is called; to be called before `onMessage` returns. Absent where
   * there is nothing to acknowledge.
   */
  readonly hold?: (() => () => void) | undefined
}

/** Why a connection did not come up or ended; never holds a secret. */
export interface ConnectionEnd {
  /** `ECONNREFUSED`, `connack-5`, `closed`, `publish-timeout`, … */
  readonly code: string
  readonly reason: string
}

/** What a broker says of itself when it accepts us. */
export interface BrokerAbilities {
  /** Whether subscriptions can be shared with others (MQTT 5). */
  readonly shares: boolean
  readonly mostQos: number
  /** So many messages of QoS 1 it lets wait for its acknowledgement. */
  readonly mostUnacknowledged: number
}

/** Called by a connection, never from within `open`; nothing follows `onClosed`. */
export interface ConnectionHandlers {
  /** The broker has accepted us; `resumed` where it had kept our session. `abilities` where it is no broker in this process. */
  onConnected(resumed: boolean, abilities?: BrokerAbilities): void
  onMessage(message: IncomingMessage): void
  /** Once: refused, lost, or closed by ourselves. */
  onClosed(end: ConnectionEnd): void
}

/** One connection, from its first packet to its end; a lost one is never used again. */
export interface BrokerConnection {
  /**
   * Between `onConnected` and `onClosed` only. `done` comes once the broker has the message (QoS 0: once it is
   * written) or has refused it, and not at all where the connection ends first.
   */
  publish(message: OutgoingMessage, done: (error?: Error) => void): void
  /** `done` tells later what the broker answered; it is not called where the connection ends first. */
  subscribe(filter: string, qos: 0 | 1 | 2, done: (outcome: SendOutcome) => void): void
  unsubscribe(filter: string): void
  /** Says goodbye where the broker still listens, and is closed within a second. */
  close(): void
  /** Closes at once, without a goodbye: the last will is published. */
  abort(): void
}

/** The way to a broker: every `open` is a fresh connection, and failure is told by `onClosed`, never thrown. */
export interface BrokerDoor {
  /** For messages to people; never holds a secret. */
  readonly address: string
  /** Whether we ask the broker to keep our session while we are away. */
  readonly keepsSession: boolean
  open(handlers: ConnectionHandlers): BrokerConnection
}
