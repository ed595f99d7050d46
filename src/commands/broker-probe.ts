import type { Clock, Undo } from '../clock.js'
import type {
  BrokerConnection,
  BrokerDoor,
  ConnectionEnd,
  IncomingMessage,
  OutgoingMessage,
} from '../transport/index.js'

/** What became of a request: done, refused and why, or no answer. */
export type Answer = { readonly ok: true } | { readonly ok: false; readonly reason: string }

const LATE: Answer = { ok: false, reason: 'no answer' }

/** One connection to a broker as a series of questions, each answered within a time. */
export class BrokerProbe {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #connection: BrokerConnection
  readonly #heard = new Set<(message: IncomingMessage) => void>()
  readonly #connected: Promise<ConnectionEnd | undefined>
  readonly #unanswered = new Set<(end: ConnectionEnd) => void>()
  #end: ConnectionEnd | undefined
  #onEnd: (end: ConnectionEnd) => void = () => {}
  readonly #ended: Promise<ConnectionEnd>

  constructor(door: BrokerDoor, clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#ended = new Promise((resolve) => {
      this.#onEnd = resolve
    })
    let onConnected = () => {}
    const connected = new Promise<undefined>((resolve) => {
      onConnected = () => resolve(undefined)
    })
    const late = { code: 'timeout', reason: `${door.address} does not answer` }
    this.#connected = Promise.race([connected, this.#ended, this.#after(late)])
    this.#connection = door.open({
      onConnected: () => onConnected(),
      onMessage: (message) => {
        const copy = { ...message, payload: Uint8Array.from(message.payload) }
        for (const listener of [...this.#heard]) listener(copy)
      },
      onClosed: (end) => {
        this.#end = end
        for (const giveUp of [...this.#unanswered]) giveUp(end)
        this.#onEnd(end)
      },
    })
  }

  /** Undefined once it is accepted; else why not. */
  connected(): Promise<ConnectionEnd | undefined> {
    return this.#connected
  }

  /** Resolves once the connection has ended, by whom ever. */
  ended(): Promise<ConnectionEnd> {
    return this.#ended
  }

  subscribe(filter: string): Promise<Answer> {
    return this.#answer((done) => this.#connection.subscribe(filter, 1, done))
  }

  unsubscribe(filter: string): void {
    this.#connection.unsubscribe(filter)
  }

  publish(message: OutgoingMessage): Promise<Answer> {
    return this.#answer((done) =>
      this.#connection.publish(message, (error) =>
        done(error ? { ok: false, reason: error.message } : { ok: true }),
      ),
    )
  }

  /** The next message that fits; undefined where none comes in time. To be called before what brings it. */
  next(
    fits: (message: IncomingMessage) => boolean,
    withinMs = this.#timeoutMs,
  ): Promise<IncomingMessage | undefined> {
    return new Promise((resolve) => {
      const listener = (message: IncomingMessage) => {
        if (fits(message)) end(message)
      }
      const cancel = this.#clock.setTimer(withinMs, () => end(undefined))
      const end = (message: IncomingMessage | undefined) => {
        cancel()
        this.#heard.delete(listener)
        resolve(message)
      }
      this.#heard.add(listener)
      void this.#ended.then(() => end(undefined))
    })
  }

  /** Calls back with each message until undone. */
  listen(listener: (message: IncomingMessage) => void): Undo {
    this.#heard.add(listener)
    return () => void this.#heard.delete(listener)
  }

  /** Resolves once it is closed. */
  async close(): Promise<void> {
    this.#connection.close()
    await this.#ended
  }

  /** Leaves nothing behind once it is answered: there may be millions. */
  #answer(ask: (done: (answer: Answer) => void) => void): Promise<Answer> {
    return new Promise((resolve) => {
      const settle = (answer: Answer) => {
        cancel()
        this.#unanswered.delete(giveUp)
        resolve(answer)
      }
      const giveUp = ({ reason }: ConnectionEnd) => settle({ ok: false, reason })
      const cancel = this.#clock.setTimer(this.#timeoutMs, () => settle(LATE))
      this.#unanswered.add(giveUp)
      if (this.#end) giveUp(this.#end)
      else ask(settle)
    })
  }

  /** The timer lives no longer than the connection. */
  #after<T>(value: T): Promise<T> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(this.#timeoutMs, () => resolve(value))
      void this.#ended.then(cancel)
    })
  }
}
