import type { Journal } from '../journal/index.js'

/**
 * Whether a journal goes on, between one look and the next: it has committed something, or has nothing to commit, or
 * says itself that its disk fails (then frames are kept in memory, and a restart would lose them).
 */
export class JournalPulse {
  readonly #journal: Pick<Journal, 'state' | 'counters' | 'flush'>
  #steps = -1
  #flushing = false

  constructor(journal: Pick<Journal, 'state' | 'counters' | 'flush'>) {
    this.#journal = journal
  }

  beats(): boolean {
    const { commits, failures } = this.#journal.counters()
    const moved = commits + failures !== this.#steps
    const beats = moved || !this.#flushing || this.#journal.state.kind === 'failing'
    this.#steps = commits + failures
    if (!this.#flushing) this.#flush()
    return beats
  }

  #flush(): void {
    this.#flushing = true
    const done = () => {
      this.#flushing = false
    }
    this.#journal.flush().then(done, done)
  }
}
