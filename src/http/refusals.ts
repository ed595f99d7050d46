import type { Log } from '../log.js'

/** Why somebody is not let in, or not to something. */
export type Refusal = 'token' | 'too-often' | 'not-admin' | 'cross-site' | 'host'

/** Counts who is not let in, by reason, and writes down who tried what is not his. */
export class Refusals {
  readonly #log: Log
  readonly #counts: Record<Refusal, number> = {
    token: 0,
    'too-often': 0,
    'not-admin': 0,
    'cross-site': 0,
    host: 0,
  }

  constructor(log: Log) {
    this.#log = log
  }

  add(reason: Refusal, address: string): void {
    this.#counts[reason]++
    if (reason === 'token') this.#log.warn({ address }, 'a wrong token was shown over HTTP')
    if (reason === 'not-admin')
      this.#log.warn({ address }, 'a token that may only look was shown to have something done')
  }

  snapshot(): Readonly<Record<Refusal, number>> {
    return { ...this.#counts }
  }
}
