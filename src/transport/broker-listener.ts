import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { BrokerError } from './broker-error.js'
import { ConnectionCaps, type ConnectionLimits, isLoopback } from './connection-caps.js'
import { type GuardLimits, PacketGuard } from './packet-guard.js'

export interface BrokerListenerOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly connections: ConnectionLimits
  readonly packets: GuardLimits
  /** A socket that may speak; its guard watches all that is read from it. */
  readonly onSocket: (socket: Socket, guard: PacketGuard) => void
  readonly onRefused: (reason: string) => void
}

/** Lets sockets in, within their number, their rate and the length of their packets. */
export class BrokerListener {
  readonly #options: BrokerListenerOptions
  readonly #caps: ConnectionCaps
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(options: BrokerListenerOptions) {
    this.#options = options
    this.#caps = new ConnectionCaps(options.connections)
  }

  get connected(): number {
    return this.#sockets.size
  }

  /** Resolves to the real port; rejects with `ERR_BROKER_LISTEN` or `ERR_BROKER_ADDRESS`. */
  async listen(): Promise<number> {
    const { host, port } = this.#options
    const server = createServer((socket) => this.#admit(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(host, port, cause)))
      server.listen({ host, port }, () => resolve())
    })
    // Later errors (too many open files) concern one socket that was to be accepted.
    server.removeAllListeners('error').on('error', () => this.#options.onRefused('accept-failed'))
    const bound = server.address() as AddressInfo
    if (isLoopback(bound.address)) return bound.port
    await this.close()
    throw new BrokerError('ERR_BROKER_ADDRESS', `${host} is not an address of this machine alone`)
  }

  /** Resolves once every socket and the listener are closed. */
  close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return Promise.resolve()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    return closed
  }

  #admit(socket: Socket): void {
    const { clock, packets, onSocket, onRefused } = this.#options
    // Whatever else listens: a socket error without a listener would end the process.
    socket.on('error', () => {})
    const address = socket.remoteAddress ?? ''
    const fault = this.#caps.admit(address, clock.mono())
    if (fault) {
      onRefused(fault)
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#caps.release(address)
    })
    socket.setNoDelay(true)
    const guard = new PacketGuard(packets)
    watchReads(socket, guard, onRefused)
    onSocket(socket, guard)
  }
}

/** aedes pulls with `read()`: what the guard refuses never reaches its parser. */
function watchReads(socket: Socket, guard: PacketGuard, onRefused: (reason: string) => void): void {
  const read = socket.read.bind(socket)
  socket.read = (size) => {
    const chunk: unknown = read(size)
    if (!(chunk instanceof Uint8Array)) return chunk
    const fault = guard.check(chunk)
    if (!fault) return chunk
    onRefused(fault)
    socket.destroy()
    return null
  }
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): BrokerError {
  const why =
    cause.code === 'EADDRINUSE' ? 'another program listens there' : (cause.code ?? cause.message)
  return new BrokerError(
    'ERR_BROKER_LISTEN',
    `the embedded broker cannot listen on ${host}:${port}: ${why}`,
    { cause },
  )
}
