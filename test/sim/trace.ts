const SHOWN = 400

/** What happened, in order: hashed whole, and the latest of it kept for people. */
export class Trace {
  readonly #now: () => number
  readonly #lines: string[] = []
  #low = 0x811c9dc5
  #high = 0x01000193
  #noted = 0

  constructor(now: () => number) {
    this.#now = now
  }

  note(what: string): void {
    const line = `${(this.#now() / 1000).toFixed(3)} ${what}`
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i)
      this.#low = Math.imul(this.#low ^ code, 0x01000193)
      this.#high = Math.imul(this.#high ^ code, 0x85ebca6b)
    }
    this.#noted++
    this.#lines.push(line)
    if (this.#lines.length > 2 * SHOWN) this.#lines.splice(0, SHOWN)
  }

  /** Two runs that differ anywhere have different ones. */
  get hash(): string {
    const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0')
    return `${this.#noted}-${hex(this.#low)}${hex(this.#high)}`
  }

  /** The latest lines. */
  get lines(): readonly string[] {
    return this.#lines.slice(-SHOWN)
  }
}
