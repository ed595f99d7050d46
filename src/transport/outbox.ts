import { afterTurn } from '../clock.js'
import type { OutgoingMessage } from './broker-port.js'
import { EntryLine } from './entry-line.js'
import { PacketBatch } from './packet-batch.js'
import { OwnIds } from './packet-ids.js'

type Done = (error?: Error) => void

export interface OutboxOptions {
  readonly protocolVersion: number
  /** Hands bytes to the connection; `written` comes once they have left, without an error where they have. */
  readonly write: (bytes: Uint8Array, written: (error?: Error | null) => void) => void
  /** So many messages of QoS 1 the broker lets wait for its acknowledgement. */
  readonly receiveMaximum: number
}

interface Waiting {
  readonly message: OutgoingMessage
  readonly done: Done
}

/**
 * What leaves for the broker within one turn of the event loop leaves in one piece.
 * measured: MQTT.js itself writes every message by itself, which costs five times as much as all else that is done for it here.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #batch: PacketBatch
  readonly #ids = new OwnIds()
  /** By packet id, what the broker has not acknowledged. */
  readonly #unacknowledged = new Map<number, Done>()
  /** QoS 1 that the broker does not want yet. */
  #waiting = new EntryLine<Waiting>()
  /** Of QoS 0, in the batch that is being filled. */
  #leaving: Done[] = []
  #isDue = false
  #closed = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#batch = new PacketBatch(options.protocolVersion, () => this.flush())
  }

  /** Sends a message of QoS 0 or 1; `done` comes when it has left or is acknowledged. */
  publish(message: OutgoingMessage, done: Done): void {
    if (message.qos === 0) {
      this.#add(message, 0)
      this.#leaving.push(done)
    } else if (this.#waiting.size > 0 || !this.#sendNumbered(message, done)) {
      this.#waiting.push({ message, done })
    }
  }

  /** Acknowledges a message of the broker's. */
  acknowledge(messageId: number): void {
    this.#batch.acknowledge(messageId)
    this.#flushSoon()
  }

  /** The broker has answered; false where that was no answer to a message from here. */
  answered(messageId: number, error: Error | undefined): boolean {
    const done = this.#unacknowledged.get(messageId)
    if (!done) return false
    this.#unacknowledged.delete(messageId)
    this.#ids.giveBack(messageId)
    this.#sendWaiting()
    done(error)
    return true
  }

  /** Writes at once what was added: something else is to follow it. */
  flush(): void {
    const sealed = this.#batch.take()
    if (!sealed || this.#closed) return
    const left = this.#leaving
    this.#leaving = []
    this.#options.write(sealed.bytes, (error) => {
      sealed.release()
      if (error || this.#closed) return
      for (const done of left) done()
    })
  }

  /** The connection is gone: nobody hears of what was on its way. */
  close(): void {
    this.#closed = true
    this.#unacknowledged.clear()
    this.#waiting = new EntryLine()
  }

  #sendNumbered(message: OutgoingMessage, done: Done): boolean {
    if (this.#unacknowledged.size >= this.#options.receiveMaximum) return false
    const id = this.#ids.take()
    if (id === 0) return false
    this.#unacknowledged.set(id, done)
    this.#add(message, id)
    return true
  }

  #sendWaiting(): void {
    const next = this.#waiting.first
    if (next && this.#sendNumbered(next.message, next.done)) this.#waiting.shift()
  }

  #add(message: OutgoingMessage, id: number): void {
    this.#batch.publish(message, id)
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    afterTurn(() => {
      this.#isDue = false
      this.flush()
    })
  }
}

/** What MQTT 5 lets a message carry beside its payload. */
export function propertiesOf({ key, expirySeconds, correlation }: OutgoingMessage) {
  if (key === undefined && expirySeconds === undefined && correlation === undefined)
    return undefined
  return {
    ...(correlation !== undefined && { correlationData: asBuffer(correlation) }),
    ...(key !== undefined && { userProperties: { key } }),
    ...(expirySeconds !== undefined && { messageExpiryInterval: expirySeconds }),
  }
}

/** Shares the bytes: the encoder wants a `Buffer`. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
