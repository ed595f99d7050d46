import type { Undo } from '../clock.js'
import { filterFault } from '../topic-filter.js'
import type { Ear } from './broker-ears.js'
import type { BrokerConnection, BrokerDoor, ConnectionHandlers } from './broker-port.js'
import type { EmbeddedBroker } from './embedded-broker.js'

/** The way to the broker in this process, without a socket in between; it has no last will. */
export function embeddedDoor(broker: EmbeddedBroker): BrokerDoor {
  return {
    address: 'the embedded broker',
    keepsSession: false,
    open: (handlers) => new EmbeddedConnection(broker, handlers),
  }
}

class EmbeddedConnection implements BrokerConnection {
  readonly #broker: EmbeddedBroker
  readonly #handlers: ConnectionHandlers
  readonly #ears = new Map<string, Ear>()
  readonly #detach: Undo
  #closed = false
  /** Number of the message that came last: one that matches several of our filters counts once. */
  #lastNumber = 0

  constructor(broker: EmbeddedBroker, handlers: ConnectionHandlers) {
    this.#broker = broker
    this.#handlers = handlers
    this.#detach = broker.attach(() => this.#close('broker-stopped', 'the embedded broker stops'))
    queueMicrotask(() => {
      if (this.#closed) return
      if (broker.running) handlers.onConnected(false)
      else this.#close('broker-stopped', 'the embedded broker does not run')
    })
  }

  publish(...[message, done]: Parameters<BrokerConnection['publish']>): void {
    this.#broker.publish(message, (error) => {
      if (!this.#closed) done(error)
    })
  }

  subscribe(...[filter, , done]: Parameters<BrokerConnection['subscribe']>): void {
    const fault = filterFault(filter)
    if (fault !== undefined) {
      queueMicrotask(() => done({ ok: false, reason: fault }))
      return
    }
    const before = this.#ears.get(filter)
    const ear = this.#broker.listenTo(filter, (message, number) => {
      if (this.#closed || number <= this.#lastNumber) return
      this.#lastNumber = number
      this.#handlers.onMessage(message)
    })
    before?.unsubscribe()
    this.#ears.set(filter, ear)
    queueMicrotask(() => {
      if (!this.#closed) done({ ok: true })
    })
  }

  unsubscribe(filter: string): void {
    this.#ears.get(filter)?.unsubscribe()
    this.#ears.delete(filter)
  }

  close(): void {
    this.#close('stopped', 'closed by us')
  }

  /** What we have not taken yet, we shall not take: its senders are to come again with it. */
  abort(): void {
    const listened = this.#ears.size > 0
    this.#close('stopped', 'closed by us')
    if (listened) this.#broker.dismissWaiting()
  }

  #close(code: string, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#detach()
    // Covered, not taken back: nobody shall get an acknowledgement for what we cannot hear.
    for (const { cover } of this.#ears.values()) cover()
    this.#ears.clear()
    queueMicrotask(() => this.#handlers.onClosed({ code, reason }))
  }
}
