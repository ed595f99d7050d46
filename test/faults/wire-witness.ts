import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { PacketCutter, packetType, varint } from '../support/packet-cutter.js'

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
      if (type === packetType.connect) hasProperties = body[6] === 5
      if (type !== packetType.publish || ((flags >> 1) & 3) !== 1) return
      const { id, ...passed } = publishOf(body, hasProperties)
      waiting.set(id, passed)
    })
    const down = new PacketCutter(({ type, body }) => {
      if (type !== packetType.puback || (body[2] ?? 0) >= 0x80) return
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
