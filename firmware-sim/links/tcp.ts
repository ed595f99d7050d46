import { createServer, type Server, type Socket } from 'node:net'
import type { Line } from './line.js'
import type { Link, LinkCounters, OnDownlink } from './link.js'

// A peer that reads this much slower than we send misses frames, as behind a real serial server.
const longestBacklog = 64 * 1024

export interface TcpLinkOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
}

/** A serial line behind a TCP port, as a serial server offers one: every peer hears it and may talk. */
export class TcpLink implements Link {
  readonly #line: Line
  readonly #options: TcpLinkOptions
  readonly #peers = new Set<Socket>()
  #server: Server | undefined
  #opening: Promise<void> | undefined
  #address: string | undefined

  constructor(line: Line, options: TcpLinkOptions) {
    this.#line = line
    this.#options = options
  }

  get id(): string {
    return this.#line.id
  }

  get address(): string | undefined {
    return this.#address
  }

  get counters(): LinkCounters {
    return this.#line.tally.snapshot()
  }

  start(onDownlink: OnDownlink): Promise<void> {
    this.#opening ??= this.#open(onDownlink).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async stop(): Promise<void> {
    await this.#opening?.catch(() => {})
    this.#opening = undefined
    const server = this.#server
    if (!server) return
    this.#server = undefined
    this.#address = undefined
    for (const peer of this.#peers) peer.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  send(device: string, frame: Uint8Array): void {
    this.#line.send(device, frame, (bytes) => {
      let taken = false
      for (const peer of this.#peers) {
        if (peer.writableLength > longestBacklog) continue
        peer.write(bytes)
        taken = true
      }
      return taken
    })
  }

  async #open(onDownlink: OnDownlink): Promise<void> {
    const server = createServer((socket) => this.#welcome(socket, onDownlink))
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    // Failing to accept one peer is that peer's loss.
    server.on('error', () => {})
    this.#server = server
    const bound = server.address()
    const boundPort = typeof bound === 'object' && bound ? bound.port : port
    this.#address = `tcp://${host.includes(':') ? `[${host}]` : host}:${boundPort}`
  }

  #welcome(socket: Socket, onDownlink: OnDownlink): void {
    const receiver = this.#line.receiver(onDownlink)
    this.#peers.add(socket)
    socket.setNoDelay(true)
    socket.on('data', (chunk) => receiver.push(chunk))
    // `close` follows; a peer that vanishes is no trouble of the line's.
    socket.on('error', () => {})
    socket.on('close', () => this.#peers.delete(socket))
  }
}
