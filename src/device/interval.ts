/** Nobody knows how long a bridge was away whose clock was not set: no interval is as long as that. */
const LONGEST_MS = 366 * 86_400_000
/** Bursts and pauses of a network move what is learned only this far at a time. */
const FOLLOW = 1 / 16

/**
 * A device's interval in milliseconds: what is declared, else what its contiguous frames show. 0 where
 * nothing is known.
 */
export class IntervalKnowledge {
  readonly #declared: number
  #learned = 0

  constructor(declaredMs: number | undefined) {
    this.#declared = declaredMs ?? 0
  }

  /** Two contiguous frames arrived this far apart. */
  observe(elapsedMs: number): void {
    // Frames that were put in order came the other way round.
    if (elapsedMs < 0 || elapsedMs > LONGEST_MS) return
    if (this.#learned === 0) this.#learned = elapsedMs
    else this.#learned += (Math.min(elapsedMs, 2 * this.#learned) - this.#learned) * FOLLOW
  }

  /** What was learned, to be kept over a restart. */
  get learnedMs(): number {
    return this.#learned
  }

  set learnedMs(value: number) {
    this.#learned = value
  }

  /** What the configuration says; 0 where it says nothing. */
  get declaredMs(): number {
    return this.#declared
  }

  get typicalMs(): number {
    return this.#declared || this.#learned
  }

  /**
   * The least time from a restart to the first frame. Nothing is known of it; but an interval that was learned is taken
   * for half of what it is, so that as much may be added where a whole one is to be ruled out.
   */
  get restartMs(): number {
    return this.#declared ? 0 : this.#learned / 2
  }

  /** The least time between two frames that arguments about unseen frames may rest on. */
  get shortestMs(): number {
    return this.#declared || this.#learned / 2
  }
}
