import type { BrokerConnection, BrokerDoor, ConnectionHandlers } from '../../src/transport/index.js'

/** A broker that takes everything at once and keeps nothing; it can be made to cut its connections. */
export class Sink implements BrokerDoor {
  readonly address = 'mqtt://sink'
  readonly keepsSession = false
  taken = 0
  readonly #open = new Set<ConnectionHandlers>()

  open(handlers: ConnectionHandlers): BrokerConnection {
    queueMicrotask(() => {
      this.#open.add(handlers)
      handlers.onConnected(false)
    })
    const end = () => queueMicrotask(() => this.#end(handlers))
    return {
      publish: (_message, done) => {
        this.taken++
        queueMicrotask(done)
      },
      subscribe: (_filter, _qos, done) => queueMicrotask(() => done({ ok: true })),
      unsubscribe: () => {},
      close: end,
      abort: end,
    }
  }

  cut(): void {
    for (const handlers of [...this.#open]) this.#end(handlers)
  }

  #end(handlers: ConnectionHandlers): void {
    if (this.#open.delete(handlers)) handlers.onClosed({ code: 'closed', reason: 'cut' })
  }
}
