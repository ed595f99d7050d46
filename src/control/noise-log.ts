import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Source } from '../transport/index.js'

/** A line that stays noisy is said again after so long, and not before. */
const QUIET_MS = 60_000

/** Writes to the log which lines are noisy: one line a minute for each. */
export class NoiseLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #saidAt = new Map<string, number>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Looks at what comes by each door now. */
  look(sources: readonly Pick<Source, 'id' | 'noise'>[]): void {
    const now = this.#clock.mono()
    for (const { id, noise } of sources) {
      if (noise === undefined) continue
      if (now - (this.#saidAt.get(id) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) continue
      this.#saidAt.set(id, now)
      this.#log.warn({ source: id }, noise)
    }
  }
}
