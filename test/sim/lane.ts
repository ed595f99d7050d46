import type { Agenda } from './agenda.js'

/** One direction of a connection: what is sent arrives after a while, in order, or not at all. */
export class Lane {
  readonly #agenda: Agenda
  readonly #latencyMs: () => number
  #waiting: (() => void)[] = []
  #lastDue = 0
  #state: 'flowing' | 'stuck' | 'cut' = 'flowing'

  constructor(agenda: Agenda, latencyMs: () => number) {
    this.#agenda = agenda
    this.#latencyMs = latencyMs
  }

  send(arrive: () => void): void {
    if (this.#state === 'cut') return
    this.#waiting.push(arrive)
    this.#lastDue = Math.max(this.#lastDue, this.#agenda.now + this.#latencyMs())
    this.#agenda.at(this.#lastDue, () => this.#arrive())
  }

  /** What is under way, and what comes later, gets no further. */
  stick(): void {
    if (this.#state === 'flowing') this.#state = 'stuck'
  }

  /** What is under way is lost. */
  cut(): void {
    this.#state = 'cut'
    this.#waiting = []
  }

  #arrive(): void {
    if (this.#state === 'flowing') this.#waiting.shift()?.()
  }
}
