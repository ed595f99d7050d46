import type { Clock } from '../clock.js'

/** Waits until somebody says that nothing is left, or that the connection is lost, or for so long. */
export class Drain {
  readonly #clock: Clock
  #end = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `begin` may already lead to the end. */
  wait(limitMs: number, begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(limitMs, () => this.end())
      this.#end = () => {
        this.#end = () => {}
        cancel()
        resolve()
      }
      begin()
    })
  }

  /** Nothing is left, or nothing will leave any more. */
  end(): void {
    this.#end()
  }
}
