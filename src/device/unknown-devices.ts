const SAMPLE = 1024

/**
 * Ids that sent something and are not configured: counted by reason, the last 1024 of them kept by name, so
 * that a million ids cost no more than a thousand.
 */
export class UnknownDevices {
  readonly #sample = new Map<string, number>()
  readonly #byReason = new Map<string, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  get byReason(): ReadonlyMap<string, number> {
    return this.#byReason
  }

  /** Ids with the number of frames seen of each, the latest last. */
  get sample(): ReadonlyMap<string, number> {
    return this.#sample
  }

  /** The ids that were new or came back last, the newest first. */
  latest(count: number): string[] {
    return [...this.#sample.keys()].slice(-count).reverse()
  }

  /** It is known now. */
  forget(id: string): void {
    this.#sample.delete(id)
  }

  note(id: string, reason: string): void {
    this.#total++
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1)
    const count = this.#sample.get(id) ?? 0
    this.#sample.delete(id)
    this.#sample.set(id, count + 1)
    if (this.#sample.size <= SAMPLE) return
    const oldest = this.#sample.keys().next()
    if (!oldest.done) this.#sample.delete(oldest.value)
  }
}
