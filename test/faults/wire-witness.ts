import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A publication that passed, by the words of whoever sent it. */
export interface Passed {
  readonly topic: string
  readonly payload: string
}

/**
 * A TCP relay between a bridge and its broker that reads along: it sees which publications the broker has acknowledged,
 * also where the broker is killed before anybody else sees them.
 */
export class WireWitness {
  readonly #server: Server
  readonly #brokerPort: number
  readonly #onAcknowledged: (passed: Passed) => void

  private constructor(brokerPort: number, onAcknowledged: (passed: Passed) => void) {
    this.#brokerPort = brokerPort
    this.#onAcknowledged = onAcknowledged
    this.#server = createServer({ noDelay: true }, (near) => this.#relay(near))
  }

  static async before(
    brokerPort: number,
    onAcknowledged: (passed: Passed) => void,
  ): Promise<WireWitness> {
    const witness = new WireWitness(brokerPort, onAcknowledged)
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve))
    return witness
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #relay(near: Socket): void {
    const far = connect({ port: this.#brokerPort, host: '127.0.0.1', noDelay: true })
    const waiting = new Map<number, Passed>()
    let hasProperties = false
    const up = new PacketCutter(({ type, flags, body }) => {
      if (type === CONNECT) hasProperties = body[6] === 5
      if (type !== PUBLISH || ((flags >> 1) & 3) !== 1) return
      const { id, ...passed } = publishOf(body, hasProperties)
      waiting.set(id, passed)
    })
    const down = new PacketCutter(({ type, body }) => {
      if (type !== PUBACK || (body[2] ?? 0) >= 0x80) return
      const id = body.readUInt16BE(0)
      const passed = waiting.get(id)
      if (passed) this.#onAcknowledged(passed)
      waiting.delete(id)
    })
    for (const [from, to, cutter] of [
      [near, far, up],
      [far, near, down],
    ] as const) {
      from.on('error', () => {})
      from.on('close', () => to.destroy())
      from.on('data', (chunk) => cutter.push(chunk))
      from.pipe(to)
    }
  }
}

const CONNECT = 1
const PUBLISH = 3
const PUBACK = 4

interface Packet {
  readonly type: number
  readonly flags: number
  /** What follows the fixed header. */
  readonly body: Buffer
}

/** Cuts a connection's bytes into MQTT packets. */
class PacketCutter {
  readonly #onPacket: (packet: Packet) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onPacket: (packet: Packet) => void) {
    this.#onPacket = onPacket
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (;;) {
      const length = varint(bytes, 1)
      if (!length || bytes.length < length.end + length.value) break
      const end = length.end + length.value
      const head = bytes[0] ?? 0
      this.#onPacket({
        type: head >> 4,
        flags: head & 0x0f,
        body: bytes.subarray(length.end, end),
      })
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
  }
}

/** A variable byte integer of MQTT; undefined where it is not all there. */
function varint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = start; at < Math.min(bytes.length, start + 4); at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 128 ** (at - start)
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return undefined
}

/** Takes a PUBLISH of QoS 1 apart. */
function publishOf(body: Buffer, hasProperties: boolean): Passed & { readonly id: number } {
  const topicEnd = 2 + body.readUInt16BE(0)
  const properties = hasProperties ? varint(body, topicEnd + 2) : undefined
  const payloadAt = properties ? properties.end + properties.value : topicEnd + 2
  return {
    topic: body.toString('utf8', 2, topicEnd),
    id: body.readUInt16BE(topicEnd),
    payload: body.toString('utf8', payloadAt),
  }
}
