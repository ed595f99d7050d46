import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type Packet, PacketCutter, packetType, varint } from './packet-cutter.js'

/** What a client says of itself when it connects. */
export interface Hello {
  readonly level: number
  readonly clean: boolean
  readonly hasWill: boolean
  readonly keepaliveS: number
  readonly clientId: string
  /** MQTT 5: seconds, and messages. */
  readonly sessionExpiry: number | undefined
  readonly receiveMaximum: number | undefined
}

/** What the test wants to decide; what it leaves out a friendly broker does. */
export interface Script {
  /** The code of the CONNACK, for the n-th connection; undefined answers nothing. */
  readonly connack?: (nth: number) => number | undefined
  readonly sessionPresent?: boolean
  /** MQTT 5: so many messages may wait for its acknowledgement. */
  readonly receiveMaximum?: number
  /** Sent in one piece with the CONNACK. */
  readonly behindConnack?: (hello: Hello) => readonly Uint8Array[]
  /** Returns true where the packet has been dealt with. */
  readonly onPacket?: (packet: Packet, peer: Peer) => boolean | undefined
}

/** A client's connection, from the broker's side. */
export class Peer {
  readonly socket: Socket
  hello: Hello | undefined
  readonly packets: Packet[] = []

  constructor(socket: Socket) {
    this.socket = socket
  }

  get level(): number {
    return this.hello?.level ?? 4
  }

  send(...packets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(packets))
  }

  /** Packet ids that the client has acknowledged, in its order. */
  get acknowledged(): number[] {
    return this.of('puback').map(({ body }) => body.readUInt16BE(0))
  }

  of(type: keyof typeof packetType): Packet[] {
    return this.packets.filter((packet) => packet.type === packetType[type])
  }
}

/** A broker that speaks MQTT by the byte, and answers what the test says. */
export class ScriptedBroker {
  readonly peers: Peer[] = []
  readonly #server: Server

  private constructor(script: Script) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      const peer = new Peer(socket)
      this.peers.push(peer)
      const cutter = new PacketCutter((packet) => {
        peer.packets.push(packet)
        if (packet.type === packetType.connect) peer.hello = helloOf(packet.body)
        if (!script.onPacket?.(packet, peer)) answer(packet, peer, script, this.peers.length)
      })
      socket.on('error', () => {})
      socket.on('data', (chunk) => cutter.push(chunk))
    })
  }

  static async start(script: Script = {}): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(script)
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve))
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function answer({ type, flags, body }: Packet, peer: Peer, script: Script, nth: number): void {
  const hello = peer.hello
  if (type === packetType.connect && hello) {
    const code = script.connack ? script.connack(nth) : 0
    if (code === undefined) return
    const present = script.sessionPresent ? 1 : 0
    const { receiveMaximum: most } = script
    const properties =
      hello.level === 5 && most !== undefined ? [3, 0x21, most >> 8, most & 0xff] : undefined
    const told = properties ?? noProperties(hello.level)
    const head = [packet(0x20, Buffer.of(present, code, ...told))]
    peer.send(...head, ...(script.behindConnack?.(hello) ?? []))
  } else if (type === packetType.publish && (flags & 0x06) === 0x02) {
    peer.send(puback(body.readUInt16BE(2 + body.readUInt16BE(0))))
  } else if (type === packetType.subscribe) {
    const id = body.subarray(0, 2)
    peer.send(packet(0x90, Buffer.concat([id, Buffer.of(...noProperties(peer.level), 1)])))
  } else if (type === packetType.pingreq) peer.send(packet(0xd0, Buffer.alloc(0)))
}

const noProperties = (level: number): number[] => (level === 5 ? [0] : [])

export function packet(head: number, body: Uint8Array): Buffer {
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.of(head, ...length), body])
}

/** A reason code is for MQTT 5 only. */
export const puback = (id: number, code?: number): Buffer =>
  packet(0x40, Buffer.of(id >> 8, id & 0xff, ...(code === undefined ? [] : [code])))

/** A SUBACK for one filter. */
export const suback = (level: number, id: Uint8Array, code: number): Buffer =>
  packet(0x90, Buffer.concat([id, Buffer.of(...noProperties(level), code)]))

/** What a broker that speaks MQTT 5 says before it closes. */
export const disconnect = (code: number): Buffer => packet(0xe0, Buffer.of(code, 0))

/** A message of QoS 1 for the client. */
export const message = (level: number, topic: string, id: number, payload: string): Buffer => {
  const name = Buffer.from(topic)
  const head = Buffer.of(name.length >> 8, name.length & 0xff)
  const rest = Buffer.of(id >> 8, id & 0xff, ...noProperties(level))
  return packet(0x32, Buffer.concat([head, name, rest, Buffer.from(payload)]))
}

function helloOf(body: Buffer): Hello {
  const at = 2 + body.readUInt16BE(0)
  const level = body[at] ?? 0
  const flags = body[at + 1] ?? 0
  const properties = new Map<number, number>()
  let end = at + 4
  if (level === 5) {
    const length = varint(body, end)
    if (!length) throw new Error('no length of properties')
    end = length.end + length.value
    for (let each = length.end; each < end; ) {
      const id = body[each] ?? 0
      const isLong = id === SESSION_EXPIRY
      if (!isLong && id !== RECEIVE_MAXIMUM) throw new Error(`property ${id} is not expected`)
      properties.set(id, isLong ? body.readUInt32BE(each + 1) : body.readUInt16BE(each + 1))
      each += isLong ? 5 : 3
    }
  }
  return {
    level,
    clean: (flags & 0x02) !== 0,
    hasWill: (flags & 0x04) !== 0,
    keepaliveS: body.readUInt16BE(at + 2),
    clientId: body.toString('utf8', end + 2, end + 2 + body.readUInt16BE(end)),
    sessionExpiry: properties.get(SESSION_EXPIRY),
    receiveMaximum: properties.get(RECEIVE_MAXIMUM),
  }
}

const SESSION_EXPIRY = 17
const RECEIVE_MAXIMUM = 33
