import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import type { OutputLink } from '../../src/transport/publisher-options.js'
import type { SourceState } from '../../src/transport/source.js'

interface Handed {
  readonly message: OutgoingMessage
  readonly done: (error?: Error) => void
}

/** A link whose broker does what the test says: it opens, acknowledges and goes away by hand. */
export class ScriptedLink implements OutputLink {
  state: SourceState = { kind: 'stopped' }
  mostUnacknowledged = Number.POSITIVE_INFINITY
  /** Everything handed over, in order. */
  readonly handed: OutgoingMessage[] = []
  readonly drops: string[] = []
  /** Acknowledge at once, as for QoS 0. */
  acknowledgesAtOnce = false
  stopped = false
  hastened = 0
  #waiting: Handed[] = []
  readonly #listeners = new Set<(state: SourceState) => void>()

  get topics(): string[] {
    return this.handed.map(({ topic }) => topic)
  }

  get unacknowledged(): number {
    return this.#waiting.length
  }

  onState(listener: (state: SourceState) => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  publish(message: OutgoingMessage, done: (error?: Error) => void): boolean {
    if (this.state.kind !== 'open') return false
    this.handed.push(message)
    if (this.acknowledgesAtOnce) done()
    else this.#waiting.push({ message, done })
    return true
  }

  drop(code: string): void {
    this.drops.push(code)
    this.goAway(code)
  }

  start(): void {
    this.#change({ kind: 'opening' })
  }

  stop(): Promise<void> {
    this.stopped = true
    this.#change({ kind: 'stopped' })
    return Promise.resolve()
  }

  hasten(): void {
    this.hastened++
  }

  open(since = 0): void {
    this.#change({ kind: 'open', since })
  }

  goAway(code = 'closed'): void {
    this.#waiting = []
    this.#change({ kind: 'away', since: 0, code, reason: 'the test says so', attempts: 1 })
  }

  /** The broker takes the next messages, all by default; `error` refuses them. */
  acknowledge(count = this.#waiting.length, error?: Error): void {
    for (const { done } of this.#waiting.splice(0, count)) done(error)
  }

  #change(state: SourceState): void {
    this.state = state
    for (const listener of [...this.#listeners]) listener(state)
  }
}
