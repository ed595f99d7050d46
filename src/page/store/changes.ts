/** Runs `render` once, when the browser is about to paint. */
export type Schedule = (render: () => void) => void

/** Tells the parts of the page that something has changed: once a paint, however much it was. */
export class Changes {
  readonly #schedule: Schedule
  readonly #listeners = new Set<() => void>()
  #version = 0
  #isScheduled = false

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  note(): void {
    this.#version++
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#schedule(() => {
      this.#isScheduled = false
      for (const listener of this.#listeners) listener()
    })
  }
}
