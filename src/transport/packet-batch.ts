import { writeToStream } from 'mqtt-packet'

type Packet = Parameters<typeof writeToStream>[0]
type PacketStream = Parameters<typeof writeToStream>[1]

// It would keep a buffer for each number there is. measured: 6 MiB, and nothing is faster for it.
writeToStream.cacheNumbers = false

/** Room for about a hundred readings. */
const BATCH_BYTES = 32 * 1024
/** Fixed header, packet id, lengths and properties, generously. */
const HEAD_BYTES = 64
/** Buffers kept for the next batch. */
const MOST_KEPT = 2

/** A batch that is ready to be written. */
export interface SealedBatch {
  readonly bytes: Uint8Array
  /** To be called when the bytes are not needed any more: they are lent. */
  readonly release: () => void
}

/**
 * Puts many packets into one piece of memory, so that they leave with one write.
 * measured: a reading costs 0.3 µs here and 0.1 µs to be written (MQTT 5 with its key: 1.0 µs); written one by one, in seven
 * pieces each, it costs 5 µs.
 */
export class PacketBatch {
  readonly #options: { readonly protocolVersion: number }
  readonly #kept: Buffer[] = []
  readonly #onFull: () => void
  readonly #stream: PacketStream
  #buffer: Buffer | undefined
  #length = 0

  /** `onFull` is told before a packet that does not fit: it has to take the batch. */
  constructor(protocolVersion: number, onFull: () => void) {
    this.#options = { protocolVersion }
    this.#onFull = onFull
    const collect = { write: (piece: string | Uint8Array) => this.#collect(piece), destroy: refuse }
    this.#stream = collect as unknown as PacketStream
  }

  /** `longest`: no string or payload of the packet has more bytes, all together. */
  add(packet: Packet, longest: number): void {
    const needed = longest + HEAD_BYTES
    if (this.#buffer && this.#length + needed > this.#buffer.length) this.#onFull()
    this.#buffer ??= this.#bufferFor(needed)
    writeToStream(packet, this.#stream, this.#options)
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

  #bufferFor(needed: number): Buffer {
    if (needed > BATCH_BYTES) return Buffer.allocUnsafeSlow(needed)
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES)
  }

  #collect(piece: string | Uint8Array): boolean {
    const buffer = this.#buffer
    if (!buffer) throw new TypeError('a packet is written later than it was added')
    if (typeof piece === 'string') this.#length += buffer.write(piece, this.#length, 'utf8')
    else {
      buffer.set(piece, this.#length)
      this.#length += piece.length
    }
    return true
  }
}

/** Topics and ids are judged before: what the encoder does not want is a mistake of ours. */
function refuse(error: Error): never {
  throw error
}
