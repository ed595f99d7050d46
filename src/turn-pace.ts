export interface TurnPacePolicy {
  /** Turns that end closer to each other than this are too many … */
  readonly gapMs: number
  /** … once there were so many of them in a row. */
  readonly streak: number
}

export const defaultTurnPace: TurnPacePolicy = Object.freeze({ gapMs: 1, streak: 8 })

/**
 * Makes few large turns of the event loop of many small ones, as a network card does with its interrupts. Whoever is woken for
 * every few messages spends most of its time on waking up: a read, a hand-over to the thread that writes the journal, its
 * answer, a write. Where messages are rare nothing waits, and neither does anything where a turn works for longer than the gap.
 */
export class TurnPace {
  readonly #policy: TurnPacePolicy
  #endedAt = Number.NEGATIVE_INFINITY
  #streak = 0

  constructor(policy: TurnPacePolicy = defaultTurnPace) {
    this.#policy = policy
  }

  /** The work of a turn ends at `now`, monotonic milliseconds; returns for how long to wait before the next one. */
  waitMs(now: number): number {
    const { gapMs, streak } = this.#policy
    const leftMs = this.#endedAt + gapMs - now
    this.#endedAt = now
    if (leftMs <= 0) {
      // One pause is no end of the load.
      this.#streak >>= 1
      return 0
    }
    this.#streak = Math.min(this.#streak + 1, 2 * streak)
    if (this.#streak < streak) return 0
    this.#endedAt += leftMs
    return leftMs
  }
}
