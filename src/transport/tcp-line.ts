import { connect, type Socket } from 'node:net'
import type { Clock, Undo } from '../clock.js'
import {
  type ByteLine,
  closedByUs,
  type LineDoor,
  type LineEnd,
  type LineHandlers,
} from './line-door.js'
import { LineError } from './line-error.js'
import { troubleOf } from './line-trouble.js'

export interface TcpAddress {
  readonly host: string
  readonly port: number
}

const CONNECT_TIMEOUT_MS = 5000
/** A peer that lost its power says nothing: it is asked after this much silence, then every second, ten times. */
const KEEPALIVE_AFTER_MS = 10_000

/** Takes `tcp://host:port` apart; throws `ERR_LINE_ADDRESS`. */
export function parseTcpUrl(url: string): TcpAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const port = Number(parsed?.port)
  const hasMore = parsed && (parsed.username || parsed.pathname.length > 1 || parsed.search)
  if (parsed?.protocol !== 'tcp:' || !parsed.hostname || port === 0 || hasMore) {
    throw new LineError('ERR_LINE_ADDRESS', `expected tcp://host:port, got '${url}'`)
  }
  // The brackets of an IPv6 address belong to the URL, not to the address.
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port }
}

/** The way to a serial port behind a TCP server (ser2net and its like), raw bytes. Throws `ERR_LINE_ADDRESS`. */
export function tcpDoor(url: string, clock: Clock): LineDoor {
  const address = parseTcpUrl(url)
  return { address: url, open: (handlers) => new TcpLine(url, address, clock, handlers) }
}

class TcpLine implements ByteLine {
  readonly #socket: Socket
  #end: LineEnd | undefined
  #cancelRead: Undo = () => {}

  constructor(url: string, address: TcpAddress, clock: Clock, handlers: LineHandlers) {
    const socket = connect({
      ...address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_AFTER_MS,
    })
    this.#socket = socket
    const giveUp: Undo = clock.setTimer(CONNECT_TIMEOUT_MS, () => {
      this.#shut(troubleOf(new Error('no answer'), url, 'ETIMEDOUT'))
    })
    socket.on('connect', () => {
      giveUp()
      if (!this.#end) handlers.onOpened()
    })
    socket.on('data', (chunk) => {
      if (this.#end) return
      handlers.onData(chunk)
      const delayMs = handlers.readDelayMs()
      if (delayMs === 0) return
      socket.pause()
      this.#cancelRead = clock.setTimer(delayMs, () => socket.resume())
    })
    // Half a connection is of no use, and a goodbye would wait for bytes that nobody reads.
    socket.on('end', () => this.#shut({ code: 'closed', reason: `${url} closed the connection` }))
    socket.on('error', (error) => this.#shut(troubleOf(error, url)))
    socket.on('close', () => {
      giveUp()
      this.#cancelRead()
      handlers.onClosed(this.#end ?? { code: 'closed', reason: `${url} closed the connection` })
    })
  }

  get backlog(): number {
    return this.#socket.writableLength
  }

  write(bytes: Uint8Array, onTaken?: () => void): boolean {
    if (this.#end || this.#socket.readyState !== 'open') return false
    this.#socket.write(bytes, (error) => {
      if (!error) onTaken?.()
    })
    return true
  }

  close(): void {
    this.#shut(closedByUs)
  }

  #shut(end: LineEnd): void {
    this.#end ??= end
    this.#socket.destroy()
  }
}
