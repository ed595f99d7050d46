import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const PUBLISH = 3
const PUBACK = 4
/** Nobody here is silent for so long; who only listens has to `ping`. */
const KEEPALIVE_S = 60
/** Of one packet here; more would be a broker that talks nonsense. */
const LONGEST = 65_536

/**
 * An MQTT 3.1.1 connection that does as little as it can, so that what is measured is not the one who measures: it writes
 * many messages at once, and looks at no more of what comes than its first bytes.
 */
export class RawLink {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #acks: number[] = []
  #nextId = 0
  #onAnswer = () => {}
  /** Messages that have come. */
  received = 0
  /** Called when messages have come. */
  onMessages: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
  }

  /** Resolves once the broker has accepted it, and its subscription where it has one. */
  static async open(
    url: string,
    clientId: string,
    subscription?: { readonly filter: string; readonly qos: 0 | 1 },
  ): Promise<RawLink> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    const link = new RawLink(socket)
    const hello = ['MQTT', Buffer.of(4, 2, 0, KEEPALIVE_S), text(clientId)]
    await link.#ask(packet(0x10, Buffer.of(0, 4), ...hello))
    if (subscription) {
      const { filter, qos } = subscription
      await link.#ask(packet(0x82, Buffer.of(0, 1), text(filter), Buffer.of(qos)))
    }
    return link
  }

  /** Resolves when the broker has answered the packet. */
  #ask(question: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = resolve
      this.#socket.write(question)
    })
  }

  /** Writes messages, all in one piece. */
  send(messages: readonly { readonly topic: string; readonly payload: Uint8Array }[], qos: 0 | 1) {
    const sizes = messages.map(({ topic, payload }) => 2 + topic.length + 2 * qos + payload.length)
    const out = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size + 3, 0))
    let at = 0
    for (const [n, { topic, payload }] of messages.entries()) {
      at = head(out, at, 0x30 | (qos << 1), sizes[n] ?? 0)
      at = out.writeUInt16BE(topic.length, at)
      at += out.write(topic, at, 'latin1')
      if (qos > 0) {
        this.#nextId = (this.#nextId % 65_535) + 1
        at = out.writeUInt16BE(this.#nextId, at)
      }
      out.set(payload, at)
      at += payload.length
    }
    this.#socket.write(out.subarray(0, at))
  }

  /** Says that it is there. */
  ping(): void {
    this.#socket.write(Buffer.of(0xc0, 0))
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const before = this.received
    let at = 0
    for (;;) {
      const end = this.#packet(bytes, at)
      if (end === 0) break
      at = end
    }
    this.#rest = bytes.subarray(at)
    if (this.#acks.length > 0) this.#acknowledge()
    if (this.received > before) this.onMessages()
  }

  /** Takes the packet that begins here; returns where it ends, 0 where it is not all there. */
  #packet(bytes: Buffer, start: number): number {
    let [length, weight, at] = [0, 1, start + 1]
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) return 0
      length += (byte & 0x7f) * weight
      weight *= 128
      if (byte < 0x80) break
    }
    if (length > LONGEST) throw new RangeError(`a packet of ${length} bytes`)
    if (at + length > bytes.length) return 0
    const first = bytes[start] ?? 0
    if (first >> 4 === PUBLISH) {
      this.received++
      if (first & 0x06) this.#acks.push(bytes.readUInt16BE(at + 2 + bytes.readUInt16BE(at)))
    } else if (first >> 4 !== PUBACK) this.#onAnswer()
    return at + length
  }

  #acknowledge(): void {
    const out = Buffer.allocUnsafe(4 * this.#acks.length)
    for (const [n, id] of this.#acks.entries()) out.writeUInt32BE(0x40_02_00_00 + id, 4 * n)
    this.#acks = []
    this.#socket.write(out)
  }
}

function head(out: Buffer, start: number, first: number, length: number): number {
  let at = start
  out[at++] = first
  if (length > 127) out[at++] = (length & 0x7f) | 0x80
  out[at++] = length > 127 ? length >> 7 : length
  return at
}

function text(words: string): Buffer {
  const out = Buffer.alloc(2 + words.length, words, 'latin1')
  out.copyWithin(2, 0)
  out.write(words, 2, 'latin1')
  out.writeUInt16BE(words.length)
  return out
}

function packet(first: number, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
  )
  const out = Buffer.alloc(body.length + 3)
  const at = head(out, 0, first, body.length)
  body.copy(out, at)
  return out.subarray(0, at + body.length)
}
