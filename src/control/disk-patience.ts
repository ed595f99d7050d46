import type { Clock } from '../clock.js'
import type { Log } from '../log.js'

/**
 * Whoever stops a bridge kills it after ten seconds or fifteen; the broker takes up to three of them, and a process that the
 * system holds one more.
 */
const PATIENCE_MS = 5000

/** The time that a stop has for the disk: every step that needs it gets what those before have left. */
export class DiskPatience {
  readonly #clock: Clock
  readonly #log: Log
  readonly #undone = new Set<string>()
  #leftMs = PATIENCE_MS

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Nothing had to be left undone. */
  get holds(): boolean {
    return this.#undone.size === 0
  }

  /** Resolves once the step is done, or the time is used up: then it goes on without anybody who waits for it. */
  async spend(step: string, work: Promise<unknown>): Promise<void> {
    const began = this.#clock.mono()
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.setTimer(this.#leftMs, () => {
        this.#undone.add(step)
        resolve()
      })
      work.finally(cancel).then(() => resolve(), reject)
    })
    this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.mono() - began))
  }

  /** Says once what was left undone, if anything was; `unwritten`: so many entries the journal does not have. */
  tell(unwritten: number): void {
    if (this.holds) return
    this.#log.error(
      { undone: [...this.#undone], waitedMs: PATIENCE_MS - this.#leftMs, unwritten },
      'the disk does not answer: stopped without it. What was acknowledged is kept; what is not written never was',
    )
    this.#undone.clear()
  }
}
