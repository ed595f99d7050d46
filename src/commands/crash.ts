import type { Undo } from '../clock.js'
import { Exit, type LastWords } from './io.js'
import { oneLine } from './log-facts.js'

export interface CrashPorts {
  stderr(text: string): void
  /** Ends the process at once. */
  exit(code: number): void
  setTimer(delayMs: number, fire: () => void): Undo
}

/** The last words have so long: whoever restarts us waits. */
const LAST_WORDS_MS = 3000

/** What the process does about a bug that nothing caught: it says so, makes safe what it has, and ends with 70. */
export class Crash {
  readonly #ports: CrashPorts
  readonly #lastWords = new Set<LastWords>()
  #crashing = false

  constructor(ports: CrashPorts) {
    this.#ports = ports
  }

  /** To be called before the end. */
  onCrash(lastWords: LastWords): Undo {
    this.#lastWords.add(lastWords)
    return () => this.#lastWords.delete(lastWords)
  }

  crash(error: unknown): void {
    const { stderr, exit, setTimer } = this.#ports
    // While the first is told another one comes: nothing more can be hoped for.
    if (this.#crashing) {
      exit(Exit.bug)
      return
    }
    this.#crashing = true
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    stderr(oneLine(`unexpected failure: ${stack}\n`))
    setTimer(LAST_WORDS_MS, () => exit(Exit.bug))
    const said = Array.from(this.#lastWords, async (say) => say(error))
    void Promise.allSettled(said).then(() => exit(Exit.bug))
  }
}
