/** How long a script may take in all: one that hangs ends with 1 and says what it has waited for, and how far it was. */
export class Deadline {
  #awaited = ''
  #since = performance.now()
  #progress: () => string = () => ''

  constructor(minutes: number) {
    setTimeout(() => {
      const seconds = Math.round((performance.now() - this.#since) / 1000)
      const waited = `has waited for ${this.#awaited} for ${seconds} s`
      process.stderr.write(`not over after ${minutes} minutes: ${waited}; ${this.#progress()}\n`)
      process.exit(1)
    }, minutes * 60_000).unref()
  }

  /** From now on it waits for this; `progress` says how far that is. */
  await(what: string, progress: () => string = () => 'nothing is known of it'): void {
    this.#awaited = what
    this.#since = performance.now()
    this.#progress = progress
  }
}
