import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Clock } from '../clock.js'
import type { EmbeddedBrokerConfig } from '../config/configuration.js'
import { type ConnectionLimits, isLoopback, type WaitingPolicy } from '../resilience/index.js'
import { BrokerError } from './broker-error.js'
import { SocketAdmission } from './socket-admission.js'
import { tlsTrouble } from './tls-trouble.js'

export interface BrokerListenerOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly connections: ConnectionLimits
  readonly waiting?: WaitingPolicy | undefined
  readonly tls?: EmbeddedBrokerConfig['tls']
  /** Whether it may be reached from other machines. */
  readonly open: boolean
  /** A socket that may speak. */
  readonly onSocket: (socket: Socket) => void
  readonly onRefused: (reason: string) => void
}

/** A handshake that is not done by then will not be. */
const HANDSHAKE_MS = 5000

/** Lets sockets in, within their number and their rate, and talks TLS with them where that is wanted. */
export class BrokerListener {
  readonly #options: BrokerListenerOptions
  readonly #admission: SocketAdmission
  #server: Server | undefined
  #secured: TlsServer | undefined

  constructor(options: BrokerListenerOptions) {
    this.#options = options
    this.#admission = new SocketAdmission({
      ...options,
      onAdmitted: (socket) => this.#welcome(socket),
      onShut: (isShut) => this.#shut(isShut),
    })
  }

  get connected(): number {
    return this.#admission.admitted
  }

  isFlooded(now: number): boolean {
    return this.#admission.isFlooded(now)
  }

  /** Resolves to the real port; rejects with `ERR_BROKER_LISTEN`, `ERR_BROKER_ADDRESS` or `ERR_BROKER_TLS`. */
  async listen(): Promise<number> {
    const { host, port, open } = this.#options
    this.#secured = this.#secure()
    // Who waits is not read, and is none the poorer for what nobody looks at.
    const server = createServer({ pauseOnConnect: true }, (socket) => this.#admission.knock(socket))
    server.on('drop', () => this.#admission.dropped())
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(host, port, cause)))
      server.listen({ host, port }, () => resolve())
    })
    // Later errors (too many open files) concern one socket that was to be accepted.
    server.removeAllListeners('error').on('error', () => this.#options.onRefused('accept-failed'))
    const bound = server.address() as AddressInfo
    if (open || isLoopback(bound.address)) return bound.port
    await this.close()
    throw new BrokerError('ERR_BROKER_ADDRESS', `${host} is not an address of this machine alone`)
  }

  /** Resolves once every socket and the listener are closed. */
  close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return Promise.resolve()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    this.#admission.close()
    return closed
  }

  /** Node drops what is over this number with nothing made of it but its handle. Zero is no bound to some of its versions. */
  #shut(isShut: boolean): void {
    if (this.#server) this.#server.maxConnections = isShut ? -1 : Number.POSITIVE_INFINITY
  }

  #welcome(socket: Socket): void {
    socket.setNoDelay(true)
    // Strangers are counted before they cost a handshake.
    if (this.#secured) this.#secured.emit('connection', socket)
    else this.#options.onSocket(socket)
  }

  /** Never listens itself: it is handed the sockets that are let in. */
  #secure(): TlsServer | undefined {
    const { tls, onSocket, onRefused } = this.#options
    if (!tls) return undefined
    try {
      const asksForCertificate = tls.ca !== undefined
      return createTlsServer({
        ...tls,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HANDSHAKE_MS,
        requestCert: asksForCertificate,
        // Below: Node would close the connection without saying why.
        rejectUnauthorized: false,
      })
        .on('secureConnection', (socket: TLSSocket) => {
          socket.on('error', () => {})
          if (!asksForCertificate || socket.authorized) {
            onSocket(socket)
            return
          }
          onRefused(certificateFault(socket))
          socket.destroy()
        })
        .on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
          onRefused(tlsTrouble(error.code ?? '', error.message)?.code ?? 'tls-handshake')
          socket.destroy()
        })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new BrokerError('ERR_BROKER_TLS', `broker.embedded.tls cannot be used: ${why}`, {
        cause,
      })
    }
  }
}

function certificateFault(socket: TLSSocket): string {
  if (Object.keys(socket.getPeerCertificate()).length === 0) return 'tls-no-certificate'
  const code = String(socket.authorizationError)
  return tlsTrouble(code, code)?.code ?? 'tls-certificate-refused'
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
