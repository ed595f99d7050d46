import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Target } from './attacks.js'
import type { Aftermath, Onslaught } from './onslaught.js'

export interface Command {
  readonly target: Target
  readonly order: Onslaught
}

/** Somebody in a process of his own who attacks whom he is told to. */
export class Attacker {
  readonly #child: ChildProcess
  readonly #gone: Promise<never>

  constructor() {
    const program = fileURLToPath(new URL('./attacker-process.js', import.meta.url))
    this.#child = fork(program, [], { execArgv: [] })
    this.#gone = once(this.#child, 'exit').then(() => {
      throw new Error('the attacker has ended')
    })
    this.#gone.catch(() => {})
  }

  /** Resolves once he is done; rejects where that was the end of him. */
  async attack({ port }: Target, order: Onslaught): Promise<Aftermath> {
    this.#child.send({ target: { port }, order } satisfies Command)
    const done = new Promise<Aftermath>((resolve) => this.#child.once('message', resolve))
    return Promise.race([done, this.#gone])
  }

  stop(): void {
    this.#child.disconnect()
  }
}
