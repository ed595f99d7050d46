import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { LineFormat } from '../../src/framing/index.js'
import { LineNode } from '../support/line-node.js'
import type { MeasuredNode } from './measured-node.js'

const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'byte', maxFrame: 4096 }

/** Nodes on serial lines over TCP: they reach a bridge whether there is a broker or not. */
export class LineFarm {
  readonly #lines: readonly Line[]

  private constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  /** Puts so many of the nodes on each line, in their order; resolves when all lines listen. */
  static async start(nodes: readonly MeasuredNode[], nodesPerLine: number): Promise<LineFarm> {
    const lines: Line[] = []
    for (let first = 0; first < nodes.length; first += nodesPerLine) {
      lines.push(await Line.listen(nodes.slice(first, first + nodesPerLine)))
    }
    return new LineFarm(lines)
  }

  /** As a configuration names them. */
  get sources(): readonly object[] {
    return this.#lines.map(({ port, nodes }) => ({
      serial: {
        path: `tcp://127.0.0.1:${port}`,
        address: 'byte',
        devices: Object.fromEntries(nodes.map(({ id }, index) => [index + 1, id])),
      },
    }))
  }

  /** On this machine, in the order of the lines. */
  get ports(): readonly number[] {
    return this.#lines.map(({ port }) => port)
  }

  /** Keyframes that the bridge asked for. */
  get requests(): number {
    return this.#lines.reduce((sum, { requests }) => sum + requests, 0)
  }

  /** Resolves once a bridge is connected to every line. */
  async connected(): Promise<void> {
    for (const line of this.#lines) await line.connected()
  }

  /** Resolves once a bridge has connected anew to every line. */
  async reconnected(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.reconnected()))
  }

  /** Measures and sends one frame; a node that nobody is connected to loses it. */
  send(node: MeasuredNode): void {
    this.#lines.find(({ nodes }) => nodes.includes(node))?.send(node)
  }

  async close(): Promise<void> {
    for (const line of this.#lines) await line.close()
  }
}

class Line {
  readonly nodes: readonly MeasuredNode[]
  requests = 0
  readonly #server: Server
  readonly #wire: LineNode
  #peer: Socket | undefined
  #onPeer: () => void = () => {}

  private constructor(server: Server, nodes: readonly MeasuredNode[]) {
    this.#server = server
    this.nodes = nodes
    this.#wire = new LineNode(FORMAT, (bytes) => this.#write(bytes))
    server.on('connection', (socket) => this.#meet(socket))
  }

  static async listen(nodes: readonly MeasuredNode[]): Promise<Line> {
    const server = createServer({ noDelay: true })
    const line = new Line(server, nodes)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  connected(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#peer) resolve()
      else this.#onPeer = resolve
    })
  }

  reconnected(): Promise<void> {
    this.#peer = undefined
    return this.connected()
  }

  send(node: MeasuredNode): void {
    this.#wire.send(node.next(), this.nodes.indexOf(node) + 1)
  }

  async close(): Promise<void> {
    this.#peer?.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #meet(socket: Socket): void {
    this.#peer = socket
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#hear(chunk))
    socket.on('close', () => {
      if (this.#peer === socket) this.#peer = undefined
    })
    this.#onPeer()
  }

  /** What is sent in one go leaves in one call of the system: a sender that is busy itself measures nothing well. */
  #write(bytes: Uint8Array): void {
    const peer = this.#peer
    if (!peer) return
    if (peer.writableCorked === 0) {
      peer.cork()
      process.nextTick(() => peer.uncork())
    }
    peer.write(bytes)
  }

  #hear(chunk: Uint8Array): void {
    this.#wire.hear(chunk)
    for (const { bytes, address } of this.#wire.downlinks.splice(0)) {
      this.requests++
      this.nodes[address - 1]?.hear(bytes)
    }
  }
}
