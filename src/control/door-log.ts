import type { Log } from '../log.js'
import type { SourceState } from '../transport/index.js'

/** Writes to the log what becomes of every door: a failed try that says nothing new is no news. */
export class DoorLog {
  readonly #log: Log
  readonly #onNews: () => void
  readonly #said = new Map<string, string>()

  constructor(log: Log, onNews: () => void) {
    this.#log = log
    this.#onNews = onNews
  }

  write(what: 'source' | 'broker', id: string, state: SourceState): void {
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
