import type { OutgoingMessage } from './broker-port.js'

/** Room for about a hundred and fifty readings. */
const BATCH_BYTES = 32 * 1024
/** Fixed header, packet id, lengths and properties, generously. */
const HEAD_BYTES = 64
/** Buffers kept for the next batch. */
const MOST_KEPT = 2
const LONGEST_STRING = 65_535
const PUBLISH = 0x30
const PUBACK = 0x40
const RETAIN = 0x01
const PROPERTY = { expiry: 0x02, correlation: 0x09, user: 0x26 } as const
const KEY = Buffer.from('\0\u0003key', 'latin1')

/** A batch that is ready to be written. */
export interface SealedBatch {
  readonly bytes: Uint8Array
  /** To be called when the bytes are not needed any more: they are lent. */
  readonly release: () => void
}

/**
 * Puts many packets into one piece of memory, so that they leave with one write. Messages and acknowledgements are what
 * leaves for every frame; the client's own encoder builds each of an object, in a dozen pieces.
 */
export class PacketBatch {
  readonly #hasProperties: boolean
  readonly #kept: Buffer[] = []
  readonly #onFull: () => void
  #buffer: Buffer | undefined
  #length = 0

  /** `onFull` is told before a packet that does not fit: it has to take the batch. */
  constructor(protocolVersion: number, onFull: () => void) {
    this.#hasProperties = protocolVersion === 5
    this.#onFull = onFull
  }

  /** Adds a PUBLISH; `id` counts where it is not of QoS 0. */
  publish(message: OutgoingMessage, id: number): void {
    const { topic, payload, qos, retain } = message
    const topicBytes = stringBytes(topic)
    const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
    const properties = this.#hasProperties ? propertyBytes(message) : 0
    const lengths = this.#hasProperties ? varBytes(properties) : 0
    const length = 2 + topicBytes + (qos > 0 ? 2 : 0) + lengths + properties + payloadBytes
    const buffer = this.#roomFor(length)
    let at = this.#length
    buffer[at++] = PUBLISH | (qos << 1) | (retain ? RETAIN : 0)
    at = writeVar(buffer, length, at)
    at = writeString(buffer, topic, topicBytes, at)
    if (qos > 0) at = buffer.writeUInt16BE(id, at)
    if (this.#hasProperties) at = writeProperties(buffer, message, properties, at)
    if (typeof payload === 'string') at += buffer.write(payload, at)
    else {
      buffer.set(payload, at)
      at += payload.length
    }
    this.#length = at
  }

  /** Adds a PUBACK without a reason: the message was taken. */
  acknowledge(messageId: number): void {
    const buffer = this.#roomFor(2)
    const at = this.#length
    buffer[at] = PUBACK
    buffer[at + 1] = 2
    this.#length = buffer.writeUInt16BE(messageId, at + 2)
  }

  /** What was added since; undefined where that is nothing. */
  take(): SealedBatch | undefined {
    const buffer = this.#buffer
    if (!buffer || this.#length === 0) return undefined
    const bytes = buffer.subarray(0, this.#length)
    this.#buffer = undefined
    this.#length = 0
    const release = () => {
      if (buffer.length === BATCH_BYTES && this.#kept.length < MOST_KEPT) this.#kept.push(buffer)
    }
    return { bytes, release }
  }

  #roomFor(length: number): Buffer {
    const needed = length + HEAD_BYTES
    if (this.#buffer && this.#length + needed > this.#buffer.length) this.#onFull()
    this.#buffer ??= this.#bufferFor(needed)
    return this.#buffer
  }

  #bufferFor(needed: number): Buffer {
    if (needed > BATCH_BYTES) return Buffer.allocUnsafeSlow(needed)
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES)
  }
}

/** Topics and ids are judged before: what does not fit is a mistake of ours. */
function stringBytes(text: string): number {
  const length = Buffer.byteLength(text)
  if (length > LONGEST_STRING) throw new RangeError(`a string of ${length} bytes in a packet`)
  return length
}

const varBytes = (value: number): number => {
  if (value < 128) return 1
  if (value < 128 ** 2) return 2
  return value < 128 ** 3 ? 3 : 4
}

function propertyBytes({ key, expirySeconds, correlation }: OutgoingMessage): number {
  const keyBytes = key === undefined ? 0 : 1 + KEY.length + 2 + stringBytes(key)
  const correlationBytes = correlation === undefined ? 0 : 3 + correlation.length
  return keyBytes + correlationBytes + (expirySeconds === undefined ? 0 : 5)
}

function writeProperties(
  buffer: Buffer,
  { key, expirySeconds, correlation }: OutgoingMessage,
  length: number,
  start: number,
): number {
  let at = writeVar(buffer, length, start)
  if (expirySeconds !== undefined) {
    buffer[at++] = PROPERTY.expiry
    at = buffer.writeUInt32BE(expirySeconds, at)
  }
  if (correlation !== undefined) {
    buffer[at++] = PROPERTY.correlation
    at = buffer.writeUInt16BE(correlation.length, at)
    buffer.set(correlation, at)
    at += correlation.length
  }
  if (key !== undefined) {
    buffer[at++] = PROPERTY.user
    buffer.set(KEY, at)
    at = writeString(buffer, key, Buffer.byteLength(key), at + KEY.length)
  }
  return at
}

function writeVar(buffer: Buffer, value: number, start: number): number {
  let at = start
  for (let left = value; ; ) {
    const byte = left & 0x7f
    left >>>= 7
    buffer[at++] = left > 0 ? byte | 0x80 : byte
    if (left === 0) return at
  }
}

function writeString(buffer: Buffer, text: string, length: number, start: number): number {
  const at = buffer.writeUInt16BE(length, start)
  return at + buffer.write(text, at)
}
