import type { Undo } from '../clock.js'
import type { Log } from '../log.js'
import type { MqttLink, SourceState } from '../transport/index.js'

/** Writes to the log what becomes of every door: a failed try that says nothing new is no news. */
export class DoorLog {
  readonly #log: Log
  readonly #onNews: () => void
  readonly #said = new Map<string, string>()
  #closed = false

  constructor(log: Log, onNews: () => void) {
    this.#log = log
    this.#onNews = onNews
  }

  /** Writes what becomes of the link to the broker. */
  watch(link: Pick<MqttLink, 'address' | 'onState'>): Undo {
    return link.onState((state) => this.write('broker', link.address, state))
  }

  /** Writes where the broker has lost what it should have kept for us while we were away. */
  watchSession(link: Pick<MqttLink, 'address' | 'onState'>): Undo {
    return link.onState((state) => {
      if (this.#closed || state.kind !== 'open' || !state.sessionLost) return
      const facts = { broker: link.address, code: 'session_lost' }
      this.#log.warn(facts, 'the broker has forgotten us: frames may be missing')
      this.#onNews()
    })
  }

  /** From now on doors close because we close them: that is no news. */
  close(): void {
    this.#closed = true
  }

  write(what: 'source' | 'broker', id: string, state: SourceState): void {
    if (this.#closed) return
    const { kind } = state
    const news = kind === 'away' ? `${kind} ${state.code} ${state.reason}` : kind
    const key = `${what} ${id}`
    if (this.#said.get(key) === news) return
    this.#said.set(key, news)
    this.#onNews()
    const facts = { [what]: id, kind }
    if (kind !== 'away') this.#log.info(facts, `${what} ${kind}`)
    else {
      const { code, reason, attempts } = state
      this.#log.warn({ ...facts, code, reason, attempts }, `${what} ${kind}`)
    }
  }
}
