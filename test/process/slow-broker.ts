import type { Clock } from '../../src/clock.js'
import { setRepeating } from '../../src/clock.js'
import type { BrokerConnection, BrokerDoor, ConnectionHandlers } from '../../src/transport/index.js'

export interface Kept {
  readonly topic: string
  readonly payload: string
  readonly at: number
}

const STEP_MS = 100

/** A broker that acknowledges so many messages a second and no more, and remembers all that it got. */
export class SlowBroker implements BrokerDoor {
  readonly address = 'mqtt://slow'
  readonly keepsSession = false
  readonly got: Kept[] = []
  readonly retained = new Map<string, Kept>()
  perSecond: number
  readonly #clock: Clock
  #waiting: (() => void)[] = []

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.perSecond = perSecond
    setRepeating(clock, STEP_MS, () => {
      const ready = this.#waiting.splice(0, Math.ceil((this.perSecond * STEP_MS) / 1000))
      for (const acknowledge of ready) acknowledge()
    })
  }

  /** What it has retained on a topic, read as JSON. */
  document(topic: string): Record<string, unknown> {
    return JSON.parse(this.retained.get(topic)?.payload ?? '{}')
  }

  open(handlers: ConnectionHandlers): BrokerConnection {
    queueMicrotask(() => handlers.onConnected(false))
    return {
      publish: ({ topic, payload, qos, retain }, done) => {
        const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload)
        const kept = { topic, payload: text, at: this.#clock.mono() }
        this.got.push(kept)
        if (retain) this.retained.set(topic, kept)
        if (qos === 0) done()
        else this.#waiting.push(() => done())
      },
      subscribe: (_filter, _qos, done) => queueMicrotask(() => done({ ok: true })),
      unsubscribe: () => {},
      close: () => queueMicrotask(() => handlers.onClosed({ code: 'stopped', reason: 'closed' })),
      abort: () => queueMicrotask(() => handlers.onClosed({ code: 'stopped', reason: 'closed' })),
    }
  }
}
