import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Packet, PacketCutter, packetType } from './packet-cutter.js'

/** What a network does to the bytes of a connection. */
export interface Toxics {
  /** Each way. */
  readonly latencyMs?: number
  readonly bytesPerSecond?: number
  /** No piece is longer than this. */
  readonly sliceBytes?: number
  /** A connection is reset once so many bytes have passed, both ways together. */
  readonly limitBytes?: number
  /** Nothing passes, and nobody is told. */
  readonly blackHole?: boolean
  /** Who closes is heard on the other side so much later. */
  readonly closeDelayMs?: number
}

export type Way = 'up' | 'down'

/** A packet on its way; `clientId` is that of the connection's CONNECT. */
export interface Passing extends Packet {
  readonly way: Way
  readonly clientId: string
}

/**
 * What becomes of a packet: it may pass late, another may pass instead, or its sender gets an answer that is not from the
 * other side; `cut` lets half of it through, then resets.
 */
export type Fate =
  | 'pass'
  | 'drop'
  | 'cut'
  | { readonly lateMs: number }
  | { readonly instead: Uint8Array }
  | { readonly answer: Uint8Array }

/** A reader is stopped where so much of what it read waits, as by a network that takes no more. */
const MOST_WAITING = 64 * 1024

/** A TCP proxy in front of a broker that treats connections as bad networks and bad brokers do. */
export class FaultProxy {
  /** Hold for every connection, also for those that are open. */
  toxics: Toxics = {}
  /** Decides on each MQTT packet. */
  rule: (packet: Passing) => Fate = () => 'pass'
  /** Connections so far. */
  connections = 0
  readonly #server: Server
  readonly #links = new Set<Link>()

  private constructor(port: number) {
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      this.connections++
      const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
      const link = new Link(this, near, far, () => this.#links.delete(link))
      this.#links.add(link)
    })
  }

  static async before(port: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(port)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends every connection without a goodbye. */
  reset(): void {
    for (const link of this.#links) link.reset()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.reset()
    await closed
  }
}

/** One connection, both ways. */
class Link {
  readonly #proxy: FaultProxy
  readonly #sockets: readonly Socket[]
  readonly #onEnd: () => void
  #clientId = ''
  #passed = 0

  constructor(proxy: FaultProxy, near: Socket, far: Socket, onEnd: () => void) {
    this.#proxy = proxy
    this.#sockets = [near, far]
    this.#onEnd = onEnd
    const up: Stretch = new Stretch('up', near, far, this, (answer) => down.put(answer))
    const down: Stretch = new Stretch('down', far, near, this, (answer) => up.put(answer))
    for (const socket of this.#sockets) socket.on('close', () => this.#closed())
  }

  get toxics(): Toxics {
    return this.#proxy.toxics
  }

  fateOf(packet: Packet, way: Way): Fate {
    // Client id: behind the protocol's name and level, flags, keepalive, and the properties of MQTT 5.
    if (packet.type === packetType.connect) this.#clientId = clientIdOf(packet.body)
    return this.#proxy.rule({ ...packet, way, clientId: this.#clientId })
  }

  /** So much is about to pass; false where it does not any more. */
  meters(bytes: number): boolean {
    this.#passed += bytes
    if (this.#passed <= (this.toxics.limitBytes ?? Number.POSITIVE_INFINITY)) return true
    this.reset()
    return false
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  #closed(): void {
    if (this.#sockets.every(({ destroyed }) => destroyed)) this.#onEnd()
  }
}

interface Piece {
  readonly bytes: Buffer
  /** When it may pass at the earliest. */
  readonly notBefore: number
  /** The connection is reset behind it. */
  readonly last?: boolean
}

/** One way of a connection. */
class Stretch {
  readonly #to: Socket
  readonly #from: Socket
  readonly #link: Link
  readonly #answer: (bytes: Uint8Array) => void
  readonly #waiting: Piece[] = []
  #bytes = 0
  #running = false
  #ended = false

  constructor(way: Way, from: Socket, to: Socket, link: Link, answer: (bytes: Uint8Array) => void) {
    this.#answer = answer
    this.#from = from
    this.#to = to
    this.#link = link
    const cutter = new PacketCutter((packet) => this.#take(packet, link.fateOf(packet, way)))
    from.on('error', () => {})
    from.on('data', (chunk) => cutter.push(chunk))
    from.on('end', () => this.#end())
    from.on('close', (hadError) => {
      if (hadError) to.resetAndDestroy()
      else this.#end()
    })
  }

  #take({ bytes }: Packet, fate: Fate): void {
    const now = performance.now()
    const notBefore = now + (this.#link.toxics.latencyMs ?? 0)
    if (fate === 'drop') return
    if (typeof fate === 'object' && 'answer' in fate) {
      this.#answer(fate.answer)
      return
    }
    if (fate === 'pass') this.#push({ bytes, notBefore })
    else if (fate === 'cut')
      this.#push({ bytes: bytes.subarray(0, bytes.length / 2), notBefore, last: true })
    else if ('lateMs' in fate) this.#push({ bytes, notBefore: now + fate.lateMs })
    else this.put(fate.instead)
  }

  /** Lets bytes pass that nobody sent. */
  put(bytes: Uint8Array): void {
    const notBefore = performance.now() + (this.#link.toxics.latencyMs ?? 0)
    this.#push({ bytes: Buffer.from(bytes), notBefore })
  }

  #push(piece: Piece): void {
    this.#waiting.push(piece)
    this.#bytes += piece.bytes.length
    if (this.#bytes > MOST_WAITING) this.#from.pause()
    void this.#run()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    void this.#run()
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    for (let piece = this.#waiting.shift(); piece; piece = this.#waiting.shift()) {
      await this.#pass(piece)
      this.#bytes -= piece.bytes.length
      if (this.#bytes <= MOST_WAITING) this.#from.resume()
      if (piece.last) this.#link.reset()
    }
    if (this.#ended) {
      await after(this.#link.toxics.closeDelayMs ?? 0)
      this.#to.end()
    }
    this.#running = false
  }

  async #pass({ bytes, notBefore }: Piece): Promise<void> {
    await after(notBefore - performance.now())
    const slice = () => this.#link.toxics.sliceBytes ?? bytes.length
    for (let at = 0; at < bytes.length && !this.#to.destroyed; ) {
      while (this.#link.toxics.blackHole && !this.#to.destroyed) await after(10)
      const part = bytes.subarray(at, at + slice())
      at += part.length
      if (!this.#link.meters(part.length)) return
      this.#to.write(part)
      const { bytesPerSecond = Number.POSITIVE_INFINITY, sliceBytes } = this.#link.toxics
      if (sliceBytes !== undefined) await new Promise(setImmediate)
      await after((part.length / bytesPerSecond) * 1000)
    }
  }
}

const after = (ms: number): Promise<void> | undefined =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined

function clientIdOf(body: Buffer): string {
  const level = 2 + body.readUInt16BE(0)
  const properties = level + 4
  // No CONNECT of ours has more than 127 bytes of properties: one byte tells their length.
  const at = body[level] === 5 ? properties + 1 + (body[properties] ?? 0) : properties
  return body.toString('utf8', at + 2, at + 2 + body.readUInt16BE(at))
}
