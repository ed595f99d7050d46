import type { Clock, Undo } from '../clock.js'

/** Tells when a line has been quiet for so long that an unfinished frame will not be finished. */
export class QuietTimer {
  readonly #clock: Clock
  readonly #gapMs: number
  readonly #onQuiet: () => void
  #cancel: Undo | undefined
  #heardAt = 0

  constructor(clock: Clock, gapMs: number, onQuiet: () => void) {
    this.#clock = clock
    this.#gapMs = gapMs
    this.#onQuiet = onQuiet
  }

  /** Something came at `now`; costs a comparison while the timer runs. */
  heard(now: number): void {
    this.#heardAt = now
    if (!this.#cancel) this.#arm(now, this.#gapMs)
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(now: number, delayMs: number): void {
    const due = now + delayMs
    this.#cancel = this.#clock.setTimer(delayMs, () => this.#fire(due))
  }

  #fire(due: number): void {
    this.#cancel = undefined
    const now = this.#clock.mono()
    // A timer that comes late says that we were busy, not that the line was quiet: the rest of the
    // frame may lie unread in the system's buffer.
    const left = now - due > this.#gapMs / 2 ? this.#gapMs : this.#gapMs - (now - this.#heardAt)
    if (left > 0) this.#arm(now, left)
    else this.#onQuiet()
  }
}
