import type { ServerResponse } from 'node:http'
import { securityHeaders } from '../gate.js'

/** Bytes that may wait for one reader; who is further behind than that is let go, and may come again. */
const MOST_BEHIND = 4 * 2 ** 20
/** Where less than this waits, there is room for what can wait. */
const ROOM = 256 * 2 ** 10
/** Something is said at least so often, so that whoever is in between keeps the connection. */
const BEAT_MS = 15_000
/** As long as one login is taken for granted. */
const LONGEST_MS = 3_600_000

/** One reader of a feed: server-sent events on a response of Node's. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #openedAt: number
  #saidAt: number

  /** Sends the head; `onGone` comes once, when the connection is closed by whoever. */
  constructor(response: ServerResponse, now: number, onGone: () => void) {
    this.#response = response
    this.#openedAt = now
    this.#saidAt = now
    response.once('close', onGone)
    response.on('error', () => {})
    response.writeHead(200, {
      ...securityHeaders,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // A proxy that collects what it passes on would hold everything up.
      'X-Accel-Buffering': 'no',
    })
    response.write('retry: 2000\n\n')
  }

  /** Whether there is room for what can wait. */
  get hasRoom(): boolean {
    return this.#response.writableLength < ROOM
  }

  /** Sends an event as `eventText` makes it; one who does not keep up is disconnected. */
  send(text: string, now: number): void {
    if (this.#response.destroyed) return
    this.#saidAt = now
    this.#response.write(text)
    if (this.#response.writableLength > MOST_BEHIND) this.#response.destroy()
  }

  /** To be called every now and then: keeps the connection, and ends one that is very old. */
  beat(now: number): void {
    if (now - this.#openedAt > LONGEST_MS) this.end()
    else if (now - this.#saidAt > BEAT_MS) this.send(':\n\n', now)
  }

  end(): void {
    this.#response.end()
  }
}

/** One event; JSON holds no line break. */
export const eventText = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
