import type { Topology } from './topology.js'

/** A message of a partition's queue; the payload is ours. */
export interface QueueMessage {
  readonly routingKey: string
  readonly payload: Uint8Array
  /** Its number on its channel, from 1 on. */
  readonly tag: number
  /** Somebody had it before and did not acknowledge it. */
  readonly again: boolean
  /** Carries no frame: it only finds out who is awake at the end of this queue. */
  readonly tick: boolean
}

/** One queue's way to us. */
export interface QueueChannel {
  /** Begins to hear of the queue's messages, where nobody else does; else once nobody else does any more. */
  consume(
    queue: string,
    prefetch: number,
    onMessage: (message: QueueMessage) => void,
  ): Promise<void>
  /** Acknowledges all messages up to this one. */
  ackUpTo(tag: number): void
  /** Gives back, in their order, what was not acknowledged, and lets somebody else have the queue. */
  close(): Promise<void>
}

/** A connection to the broker of the queues; a lost one is never used again. */
export interface QueueConnection {
  /** Sees to it that exchange and queues are there, and that we are counted among the bridges. */
  declare(topology: Topology): Promise<void>
  /** From now on what matches this filter goes to the queues. */
  bind(topology: Topology, filter: string): Promise<void>
  /** `onClosed` comes once, where it was not closed by us. */
  openChannel(onClosed: () => void): Promise<QueueChannel>
  /** How many bridges there are, this one included. */
  bridges(topology: Topology): Promise<number>
  /** Sends a message without a frame. */
  tick(queue: string): Promise<void>
  close(): Promise<void>
  abort(): void
}

/** Why a connection did not come up or ended; never holds a secret. */
export interface QueueEnd {
  readonly code: string
  readonly reason: string
}

/** Opens a connection, or rejects with a `QueueError`; `onClosed` comes once, after that. */
export type OpenQueues = (onClosed: (end: QueueEnd) => void) => Promise<QueueConnection>

/** A failure that people can read. */
export class QueueError extends Error implements QueueEnd {
  readonly code: string

  constructor(code: string, reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'QueueError'
    this.code = code
  }

  get reason(): string {
    return this.message
  }
}

export const storeAway = (reason: string) =>
  new QueueError('state-store', `the state store is away: ${reason}`)

/** A failure of any kind, in words. */
export function endOf(error: unknown): QueueEnd {
  if (error instanceof QueueError) return error
  const failure = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in failure ? String(failure.code) : 'connection-lost'
  return { code, reason: failure.message || code }
}
