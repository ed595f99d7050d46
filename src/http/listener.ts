import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Clock, Undo } from '../clock.js'
import type { HttpConfig } from '../config/configuration.js'
import type { Log } from '../log.js'
import {
  ConnectionCaps,
  type ConnectionLimits,
  type HealthCheck,
  type HealthCheckable,
} from '../resilience/index.js'

export interface ListenerOptions {
  readonly config: Pick<HttpConfig, 'host' | 'port' | 'tls'>
  readonly clock: Clock
  readonly log: Log
}

type Answer = (request: Request, env: HttpBindings) => Response | Promise<Response>

type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'away'; readonly reason: string }

const RETRY_MS = 5000
/** A request that is not whole by then never will be; an answer may take as long as it likes, as the feed does. */
const REQUEST_MS = 10_000
const IDLE_MS = 5000
const MAX_HEADER_BYTES = 8192
const MAX_HEADERS = 64
/** Timeouts of requests are looked at so often. */
const LOOK_MS = 2000
/** A browser takes up to six at once. */
const CONNECTIONS: ConnectionLimits = Object.freeze({
  total: 100,
  perAddress: 24,
  rate: Object.freeze({ perSecond: 20, burst: 200 }),
})

/** Listens for requests, or tries again for ever: the bridge does not need it. */
export class Listener implements HealthCheckable {
  readonly #options: ListenerOptions
  #state: State = { kind: 'stopped' }
  #server: Server | undefined
  readonly #caps = new ConnectionCaps(CONNECTIONS)
  #retry: Undo = () => {}

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** The URL, once it listens. */
  get address(): string | undefined {
    return this.#state.kind === 'listening' ? this.#state.address : undefined
  }

  /** Resolves once it listens, or the first time that it cannot; never rejects. Safe to call twice. */
  async start(answer: Answer): Promise<void> {
    if (this.#server) return
    const { config, log } = this.#options
    let server: Server
    try {
      server = this.#create(answer)
    } catch (error) {
      const reason = `http.tls cannot be used: ${messageOf(error)}`
      this.#state = { kind: 'away', reason }
      log.error({ err: error }, reason)
      return
    }
    this.#server = server
    server.maxHeadersCount = MAX_HEADERS
    server.on('connection', (socket) => this.#admit(socket))
    await new Promise<void>((resolve) => {
      server.on('error', (error) => {
        this.#failed(error)
        resolve()
      })
      server.on('listening', () => {
        const { port } = server.address() as AddressInfo
        const host = config.host.includes(':') ? `[${config.host}]` : config.host
        const address = `${config.tls ? 'https' : 'http'}://${host}:${port}`
        if (this.#state.kind === 'away') log.info({ address }, 'the dashboard listens now')
        this.#state = { kind: 'listening', address }
        resolve()
      })
      server.listen({ host: config.host, port: config.port })
    })
  }

  /** Resolves once nothing is open any more; safe to call twice. */
  async stop(): Promise<void> {
    this.#retry()
    this.#state = { kind: 'stopped' }
    const server = this.#server
    this.#server = undefined
    if (!server?.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  healthCheck(now: number): HealthCheck {
    const check = { component: 'http', checkedAt: now }
    const state = this.#state
    switch (state.kind) {
      case 'listening':
        return { ...check, status: 'healthy', message: `listens on ${state.address}` }
      case 'away':
        // Frames go their way all the same.
        return { ...check, status: 'degraded', message: state.reason }
      case 'stopped':
        return { ...check, status: 'unknown', message: 'not started' }
    }
  }

  #create(fetch: Answer): Server {
    const { tls } = this.#options.config
    const limits = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: LOOK_MS,
    }
    const app = { fetch: (request: Request, env: unknown) => fetch(request, env as HttpBindings) }
    return createAdaptorServer(
      tls
        ? {
            ...app,
            createServer: createTlsServer,
            serverOptions: {
              ...limits,
              ...tls,
              minVersion: 'TLSv1.2',
              handshakeTimeout: REQUEST_MS,
            },
          }
        : { ...app, createServer: createPlainServer, serverOptions: limits },
    ) as Server
  }

  /** Before TLS costs anything: one address shall not take the connections of all. */
  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    if (this.#caps.admit(address, this.#options.clock.mono())) {
      socket.destroy()
      return
    }
    socket.once('close', () => this.#caps.release(address))
  }

  #failed(error: NodeJS.ErrnoException): void {
    const { config, clock, log } = this.#options
    // While it listens an error is that of one socket that was to be accepted.
    if (this.#server === undefined || this.#server.listening) return
    const where = `${config.host}:${config.port}`
    const reason = `cannot listen on ${where}: ${WORDS[error.code ?? ''] ?? messageOf(error)}`
    if (this.#state.kind !== 'away' || this.#state.reason !== reason) {
      log.warn({ code: error.code }, `the dashboard ${reason}; it is tried again`)
    }
    this.#state = { kind: 'away', reason }
    this.#retry = clock.setTimer(RETRY_MS, () => {
      this.#server?.listen({ host: config.host, port: config.port })
    })
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not take a port below 1024',
  EADDRNOTAVAIL: 'this machine does not have the address',
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
