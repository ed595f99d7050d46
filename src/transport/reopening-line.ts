import type { Clock, Undo } from '../clock.js'
import type { ByteLine, LineDoor, LineEnd } from './line-door.js'
import { type ReconnectPolicy, reconnectDelay } from './reconnect-delay.js'
import type { SendOutcome, SourceState } from './source.js'

export interface ReopeningLineOptions {
  readonly door: LineDoor
  readonly policy: ReconnectPolicy
  readonly clock: Clock
  /** A number in [0, 1), for the jitter of the waits. */
  readonly random: () => number
}

export interface ReopeningLineHandlers {
  /** The chunk is only lent for the duration of the call. */
  onData(chunk: Uint8Array): void
  /** How long the next read may wait, in milliseconds. */
  readDelayMs(): number
  /** Not called for a failed try that says nothing new; `state` counts them all. */
  onState(state: SourceState): void
  /** The line went before the system had taken what was written: so many writes are lost. */
  onLost(writes: number): void
}

/** A line that held this long was a good one: the waits begin small again. */
const STABLE_MS = 5000
/** What may wait in our process for the system to take it: a downlink that waits is soon a wrong one. */
const MAX_BACKLOG = 4096

/** Opens a line, and opens it anew whenever it is lost, for ever. */
export class ReopeningLine {
  readonly #options: ReopeningLineOptions
  #state: SourceState = { kind: 'stopped' }
  #handlers: ReopeningLineHandlers | undefined
  #line: ByteLine | undefined
  #closed: Promise<unknown> = Promise.resolve()
  #cancelRetry: Undo = () => {}
  #previousDelay = 0
  #attempts = 0
  /** Writes that the system has not taken yet. */
  #untaken = 0

  constructor(options: ReopeningLineOptions) {
    this.#options = options
  }

  get state(): SourceState {
    return this.#state
  }

  start(handlers: ReopeningLineHandlers): void {
    if (this.#handlers) return
    this.#handlers = handlers
    this.#previousDelay = 0
    this.#attempts = 0
    this.#change({ kind: 'opening' })
    this.#open()
  }

  /** Resolves once the line is closed; no handler is called after this call. */
  async stop(): Promise<void> {
    const handlers = this.#handlers
    this.#handlers = undefined
    this.#cancelRetry()
    this.#line?.close()
    this.#line = undefined
    this.#forgetWrites(handlers)
    this.#state = { kind: 'stopped' }
    handlers?.onState(this.#state)
    await this.#closed
  }

  /** Hands bytes to the open line, or refuses them: nothing is kept for later. */
  write(bytes: Uint8Array): SendOutcome {
    const state = this.#state
    const line = this.#line
    if (state.kind !== 'open' || !line) {
      return { ok: false, reason: state.kind === 'away' ? state.reason : state.kind }
    }
    const { backlog } = line
    if (backlog > 0 && backlog + bytes.length > MAX_BACKLOG) {
      return { ok: false, reason: `${backlog} bytes already wait: the other side does not read` }
    }
    const onTaken = () => {
      if (this.#line === line) this.#untaken--
    }
    if (!line.write(bytes, onTaken)) return { ok: false, reason: 'closing' }
    this.#untaken++
    return { ok: true }
  }

  #open(): void {
    let resolveClosed = () => {}
    const closed = new Promise<void>((resolve) => {
      resolveClosed = resolve
    })
    this.#closed = this.#closed.then(() => closed)
    // A line that is no longer ours may still speak until it is closed: nobody listens.
    const isOurs = () => this.#line === line
    const line: ByteLine = this.#options.door.open({
      onOpened: () => isOurs() && this.#onOpened(),
      onData: (chunk) => isOurs() && this.#handlers?.onData(chunk),
      readDelayMs: () => this.#handlers?.readDelayMs() ?? 0,
      onClosed: (end) => {
        if (isOurs()) this.#onClosed(end)
        resolveClosed()
      },
    })
    this.#line = line
  }

  #onOpened(): void {
    this.#change({ kind: 'open', since: this.#options.clock.mono() })
  }

  #onClosed(end: LineEnd): void {
    this.#line = undefined
    this.#forgetWrites(this.#handlers)
    const { clock, random, policy } = this.#options
    const now = clock.mono()
    const before = this.#state
    if (before.kind === 'open' && now - before.since >= STABLE_MS) {
      this.#previousDelay = 0
      this.#attempts = 0
    }
    this.#attempts++
    this.#previousDelay = reconnectDelay(this.#previousDelay, random(), policy)
    this.#cancelRetry = clock.setTimer(this.#previousDelay, () => this.#open())
    const since = before.kind === 'away' ? before.since : now
    this.#change({ kind: 'away', since, ...end, attempts: this.#attempts })
  }

  /** Some are never answered, neither way: where a port is unplugged in the middle of one. */
  #forgetWrites(handlers: ReopeningLineHandlers | undefined): void {
    if (this.#untaken > 0) handlers?.onLost(this.#untaken)
    this.#untaken = 0
  }

  #change(state: SourceState): void {
    const before = this.#state
    this.#state = state
    const isNews = before.kind !== 'away' || state.kind !== 'away' || before.reason !== state.reason
    if (isNews) this.#handlers?.onState(state)
  }
}
