import type { Undo } from '../clock.js'
import { filterFault } from '../topic-filter.js'
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
  readonly #filters = new Map<string, Undo>()
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
    this.#filters.get(filter)?.()
    const undo = this.#broker.subscribe(
      filter,
      (message, number) => {
        if (this.#closed || number <= this.#lastNumber) return
        this.#lastNumber = number
        this.#handlers.onMessage(message)
      },
      () => done({ ok: true }),
    )
    this.#filters.set(filter, undo)
  }

  unsubscribe(filter: string): void {
    this.#filters.get(filter)?.()
    this.#filters.delete(filter)
  }

  close(): void {
    this.#close('stopped', 'closed by us')
  }

  abort(): void {
    this.#close('stopped', 'closed by us')
  }

  #close(code: string, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#detach()
    for (const undo of this.#filters.values()) undo()
    this.#filters.clear()
    queueMicrotask(() => this.#handlers.onClosed({ code, reason }))
  }
}
