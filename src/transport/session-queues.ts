import { Readable } from 'node:stream'

/** What waits for a client, as aedes words it: a message, or the release of one of QoS 2. */
export interface QueuedPacket {
  readonly cmd: string
  readonly brokerId?: string
  readonly brokerCounter?: number
  readonly payload?: Uint8Array | string
  messageId?: number | undefined
  dup?: boolean
}

interface Subscriber {
  readonly clientId: string
}

interface Session {
  readonly id: string
}

/** What aedes asks of the part of its persistence that holds the queues of clients whose sessions are kept. */
export interface OutgoingQueues {
  outgoingEnqueue(subscriber: Subscriber, packet: QueuedPacket): Promise<void>
  outgoingEnqueueCombi(subscribers: readonly Subscriber[], packet: QueuedPacket): Promise<void>
  outgoingUpdate(client: Session, packet: QueuedPacket): Promise<void>
  outgoingClearMessageId(client: Session, packet: QueuedPacket): Promise<QueuedPacket | undefined>
  outgoingStream(client: Session): Readable
}

export interface SessionLimits {
  readonly messages: number
  readonly bytes: number
}

export const defaultSessionLimits: SessionLimits = Object.freeze({
  messages: 1000,
  bytes: 4 * 1024 * 1024,
})

interface Queue {
  readonly packets: QueuedPacket[]
  bytes: number
}

/**
 * The messages that clients with kept sessions have not acknowledged. Each is sent at least once (one that comes
 * while its client comes back may come twice), up to a limit, where the oldest gives way. aedes' own have no limit, and hand packet ids of an earlier connection out again
 * while the new one counts through them: the wrong message would then pass for acknowledged.
 */
export class SessionQueues implements OutgoingQueues {
  readonly #limits: SessionLimits
  readonly #onDropped: () => void
  readonly #queues = new Map<string, Queue>()

  constructor(limits: SessionLimits, onDropped: () => void) {
    this.#limits = limits
    this.#onDropped = onDropped
  }

  async outgoingEnqueue({ clientId }: Subscriber, packet: QueuedPacket): Promise<void> {
    const queue = this.#queues.get(clientId) ?? { packets: [], bytes: 0 }
    this.#queues.set(clientId, queue)
    queue.packets.push({ ...packet, messageId: undefined })
    queue.bytes += sizeOf(packet)
    while (queue.packets.length > this.#limits.messages || queue.bytes > this.#limits.bytes) {
      if (!this.#remove(queue, 0)) break
      this.#onDropped()
    }
  }

  async outgoingEnqueueCombi(subscribers: readonly Subscriber[], packet: QueuedPacket) {
    // Who subscribes by several filters gets it once.
    for (const clientId of new Set(subscribers.map((each) => each.clientId))) {
      await this.outgoingEnqueue({ clientId }, packet)
    }
  }

  /** A message has been sent with a packet id, or the release of one has. */
  async outgoingUpdate({ id }: Session, packet: QueuedPacket): Promise<void> {
    const packets = this.#queues.get(id)?.packets ?? []
    const { brokerId, brokerCounter, messageId } = packet
    const index =
      brokerId === undefined
        ? packets.findIndex((each) => each.messageId === messageId)
        : packets.findIndex(
            (each) => each.brokerId === brokerId && each.brokerCounter === brokerCounter,
          )
    const known = packets[index]
    // One that is gone had to give way, or was acknowledged meanwhile: it is sent all the same.
    if (!known) return
    if (brokerId === undefined) this.#replace(id, index, packet)
    else known.messageId = messageId
  }

  /** The client has it. */
  async outgoingClearMessageId({ id }: Session, { messageId }: QueuedPacket) {
    const queue = this.#queues.get(id)
    const index =
      queue?.packets.findIndex((each) => messageId !== undefined && each.messageId === messageId) ??
      -1
    return queue && index >= 0 ? this.#remove(queue, index) : undefined
  }

  /** What waits for a client that is back, as it is now. Messages get new packet ids; releases keep theirs. */
  outgoingStream({ id }: Session): Readable {
    const packets = this.#queues.get(id)?.packets ?? []
    for (const packet of packets) {
      if (packet.cmd !== 'publish') continue
      packet.dup = packet.messageId !== undefined
      packet.messageId = undefined
    }
    return Readable.from([...packets])
  }

  #replace(id: string, index: number, packet: QueuedPacket): void {
    const queue = this.#queues.get(id)
    const before = queue?.packets[index]
    if (!queue || !before) return
    queue.bytes -= sizeOf(before)
    queue.packets[index] = packet
    queue.bytes += sizeOf(packet)
  }

  #remove(queue: Queue, index: number): QueuedPacket | undefined {
    const [packet] = queue.packets.splice(index, 1)
    if (packet) queue.bytes -= sizeOf(packet)
    return packet
  }
}

const sizeOf = ({ payload }: QueuedPacket): number => 64 + (payload?.length ?? 0)

/** Puts the queues in place of those of a persistence that runs. */
export function replaceQueues(persistence: object, queues: OutgoingQueues): void {
  Object.assign(persistence, {
    outgoingEnqueue: queues.outgoingEnqueue.bind(queues),
    outgoingEnqueueCombi: queues.outgoingEnqueueCombi.bind(queues),
    outgoingUpdate: queues.outgoingUpdate.bind(queues),
    outgoingClearMessageId: queues.outgoingClearMessageId.bind(queues),
    outgoingStream: queues.outgoingStream.bind(queues),
  } satisfies OutgoingQueues)
}
