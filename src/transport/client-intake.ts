import type { Clock, Undo } from '../clock.js'
import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'

/** What a client publishes, as far as it matters here. */
export interface ClientMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  /** The user who publishes it; absent where there are none. */
  readonly from?: string | undefined
}

export interface ClientIntakeOptions {
  readonly clock: Clock
  /** What one client may publish; it is slowed down to that, and loses nothing. */
  readonly rate: BucketPolicy
  /** Shows a message to our doors; `settled` comes once none of them holds its acknowledgement back. */
  readonly show: (message: ClientMessage, settled: () => void) => void
  /** Whether to read on from the client: not while this much of what it sent waits. */
  readonly onRead: (mayRead: boolean) => void
}

interface Entry {
  readonly message: ClientMessage
  /** Lets the broker acknowledge it and pass it on. */
  readonly done: () => void
  settled: boolean
}

/** From here on the client is not read until only half of it waits: the system's buffers, then the client, hold the rest. */
const WINDOW = 200

/** What is over the client's rate is looked at again no more often than this. */
const LEAST_WAIT_MS = 5

/**
 * What one client publishes, in its order: shown to our doors at a bounded rate, and acknowledged once they
 * have it. MQTT wants acknowledgements in the order of the messages [MQTT-4.6.0-2], so one that is held back
 * holds those behind it.
 */
export class ClientIntake {
  readonly #options: ClientIntakeOptions
  /** Shown, oldest first: not acknowledged yet. */
  #held: Entry[] = []
  /** Not shown yet: over the rate. */
  #late: Entry[] = []
  #fullAt = FULL_BUCKET
  #cancelWait: Undo | undefined
  #reading = true
  #closed = false

  constructor(options: ClientIntakeOptions) {
    this.#options = options
  }

  /** Messages whose acknowledgement waits. */
  get waiting(): number {
    return this.#held.length + this.#late.length
  }

  take(message: ClientMessage, done: () => void): void {
    if (this.#closed) return
    const entry = { message, done, settled: false }
    if (this.#late.length > 0 || !this.#admits()) {
      this.#late.push(entry)
      this.#wait()
    } else {
      this.#show(entry)
    }
    this.#valve()
  }

  /** The client is gone: nothing is acknowledged to it any more. */
  close(): void {
    this.#closed = true
    this.#cancelWait?.()
    this.#held = []
    this.#late = []
  }

  #admits(): boolean {
    const { clock, rate } = this.#options
    const now = clock.mono()
    if (!hasToken(this.#fullAt, now, rate)) return false
    this.#fullAt = takeToken(this.#fullAt, now, rate)
    return true
  }

  #show(entry: Entry): void {
    this.#held.push(entry)
    this.#options.show(entry.message, () => {
      entry.settled = true
      this.#acknowledge()
    })
  }

  /** `done` may bring the client's next message before it returns. */
  #acknowledge(): void {
    while (this.#held[0]?.settled) this.#held.shift()?.done()
    this.#valve()
  }

  #wait(): void {
    if (this.#cancelWait) return
    const { clock, rate } = this.#options
    const waitMs = Math.max(LEAST_WAIT_MS, 1000 / rate.perSecond)
    this.#cancelWait = clock.setTimer(waitMs, () => {
      this.#cancelWait = undefined
      for (let late = this.#late[0]; late && this.#admits(); late = this.#late[0]) {
        this.#late.shift()
        this.#show(late)
      }
      if (this.#late.length > 0) this.#wait()
      this.#valve()
    })
  }

  #valve(): void {
    if (this.#closed) return
    const mayRead = this.waiting < (this.#reading ? WINDOW : WINDOW / 2)
    if (mayRead === this.#reading) return
    this.#reading = mayRead
    this.#options.onRead(mayRead)
  }
}
