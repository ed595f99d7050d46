import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const FLOODER = 'flooder'

/** `aside`: it sends as much, but to nobody. */
export type FlooderOrder = 'flood' | 'aside' | 'rest'

/** What the process says: where it listens, that a bridge is connected, how many frames it has sent. */
export interface FlooderWord {
  readonly sources?: readonly object[]
  readonly isConnected?: true
  readonly sent?: number
}

const PROGRAM = fileURLToPath(new URL('../../dist/bench/flood/flooder.js', import.meta.url))
const COMPILED = fileURLToPath(new URL('../../bench/flood/flooder.js', import.meta.url))

/** A device in a process of its own that sends so many frames a second when it is told to. */
export class Flooder {
  /** As a configuration names its line. */
  readonly sources: readonly object[]
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, sources: readonly object[]) {
    this.#child = child
    this.sources = sources
  }

  /** `seconds`: for how long it can flood, all in all. */
  static async start(perSecond: number, seconds: number): Promise<Flooder> {
    // The same code runs from the sources (the tests) and compiled (the benchmarks).
    const program = import.meta.url.endsWith('.ts') ? PROGRAM : COMPILED
    const child = fork(program, [String(perSecond), String(seconds)], { execArgv: [] })
    const [word] = (await once(child, 'message')) as [FlooderWord]
    return new Flooder(child, word.sources ?? [])
  }

  /** Resolves once a bridge is connected to its line. */
  async connected(): Promise<void> {
    await once(this.#child, 'message')
  }

  /** Resolves to the frames that it has sent so far. */
  async order(order: FlooderOrder): Promise<number> {
    this.#child.send(order)
    const [word] = (await once(this.#child, 'message')) as [FlooderWord]
    return word.sent ?? 0
  }

  close(): void {
    this.#child.disconnect()
  }
}
