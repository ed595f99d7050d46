import type {
  BrokerConnection,
  BrokerDoor,
  ConnectionHandlers,
  IncomingMessage,
  OutgoingMessage,
} from '../../src/transport/broker-port.js'
import type { SendOutcome } from '../../src/transport/source.js'

/** A way to a broker that the test plays: every connection it opens is at hand. */
export class ScriptedDoor implements BrokerDoor {
  readonly address = 'mqtt://scripted'
  readonly keepsSession: boolean
  readonly connections: ScriptedConnection[] = []

  constructor(keepsSession = false) {
    this.keepsSession = keepsSession
  }

  open(handlers: ConnectionHandlers): BrokerConnection {
    const connection = new ScriptedConnection(handlers)
    this.connections.push(connection)
    return connection
  }

  get last(): ScriptedConnection {
    const connection = this.connections.at(-1)
    if (!connection) throw new Error('nothing has been opened')
    return connection
  }
}

export class ScriptedConnection implements BrokerConnection {
  readonly #handlers: ConnectionHandlers
  readonly published: OutgoingMessage[] = []
  readonly unsubscribed: string[] = []
  /** Subscriptions that wait for their SUBACK. */
  readonly asked: {
    readonly filter: string
    readonly qos: number
    readonly answer: (outcome: SendOutcome) => void
  }[] = []
  ended: 'close' | 'abort' | undefined

  constructor(handlers: ConnectionHandlers) {
    this.#handlers = handlers
  }

  publish(message: OutgoingMessage, done: (error?: Error) => void): void {
    this.published.push(message)
    done()
  }

  subscribe(filter: string, qos: 0 | 1 | 2, answer: (outcome: SendOutcome) => void): void {
    this.asked.push({ filter, qos, answer })
  }

  unsubscribe(filter: string): void {
    this.unsubscribed.push(filter)
  }

  close(): void {
    this.ended ??= 'close'
  }

  abort(): void {
    this.ended ??= 'abort'
    this.isClosed('stopped')
  }

  isConnected(resumed = false): void {
    this.#handlers.onConnected(resumed)
  }

  isClosed(code = 'closed'): void {
    this.#handlers.onClosed({ code, reason: 'the test says so' })
  }

  receives(message: Partial<IncomingMessage> & { topic: string }): void {
    this.#handlers.onMessage({ payload: new Uint8Array(), qos: 1, retain: false, ...message })
  }

  grantAll(): void {
    for (const { answer } of this.asked.splice(0)) answer({ ok: true })
  }
}
