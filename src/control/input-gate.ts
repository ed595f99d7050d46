/** The doors that can ask their senders to wait: messages that are not acknowledged come again. */
export interface SuspendableInput {
  /** Gives the connection up, and opens no other before `resume`: the broker keeps what comes. */
  suspend(code: string, reason: string): void
  resume(): void
}

/** Shuts the inputs while any reason for it holds. */
export class InputGate {
  readonly #inputs: readonly SuspendableInput[]
  readonly #reasons = new Map<string, string>()

  constructor(inputs: readonly SuspendableInput[]) {
    this.#inputs = inputs
  }

  get shut(): boolean {
    return this.#reasons.size > 0
  }

  has(code: string): boolean {
    return this.#reasons.has(code)
  }

  /** Whether the inputs are to be shut for this reason; saying it again changes nothing. */
  set(code: string, shut: boolean, reason: string): void {
    if (shut === this.#reasons.has(code)) return
    const was = this.shut
    if (shut) this.#reasons.set(code, reason)
    else this.#reasons.delete(code)
    if (was === this.shut) return
    for (const input of this.#inputs) {
      if (shut) input.suspend(code, reason)
      else input.resume()
    }
  }
}
