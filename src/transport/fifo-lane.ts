/** Called by a job once the next one may begin; safe to call twice. */
export type Passed = () => void

/** Jobs begin in the order of their arrival, each only when the one before it has passed. */
export class FifoLane {
  #jobs: ((passed: Passed) => void)[] = []
  #next = 0
  #busy = false
  #advancing = false

  run(job: (passed: Passed) => void): void {
    this.#jobs.push(job)
    this.#advance()
  }

  /** A loop, not recursion: most jobs pass at once, and thousands may wait. */
  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    for (;;) {
      const job = this.#busy ? undefined : this.#jobs[this.#next]
      if (!job) break
      this.#next++
      this.#busy = true
      job(this.#passedOnce())
    }
    this.#advancing = false
    if (this.#next === this.#jobs.length) {
      this.#jobs = []
      this.#next = 0
    }
  }

  #passedOnce(): Passed {
    let passed = false
    return () => {
      if (passed) return
      passed = true
      this.#busy = false
      this.#advance()
    }
  }
}
