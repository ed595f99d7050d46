import type { Undo } from '../clock.js'

export interface ProcessEndPorts {
  /** What keeps the process alive, as `process.getActiveResourcesInfo` names it. */
  resources(): readonly string[]
  stderr(text: string): void
  exit(code: number): void
  /** Ends the process by a signal that nobody catches. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  setTimer(delayMs: number, fire: () => void): Undo
}

/** How long a process may take to end by itself, and what is under way at its end. */
export const PATIENCE_MS = 1000
/** Calls of the system that a thread of Node's waits for: about files, and the addresses of names. */
const CALL = /^(?:FSReq|CloseReq|FileHandleCloseReq|Get(?:Addr|Name)InfoReq)/
const LOOK_MS = 20

/**
 * The end of a process of which the system still owes an answer: a disk that hangs, a name server that is away. It would
 * never come: Node waits for its threads, even in `process.exit`. Only a signal ends it then.
 */
export class ProcessEnd {
  readonly #ports: ProcessEndPorts

  constructor(ports: ProcessEndPorts) {
    this.#ports = ports
  }

  /** Ends the process with this code, after a moment for what is under way. */
  exit(code: number): void {
    this.#exit(code, PATIENCE_MS)
  }

  /** By now the process should have ended by itself, with this code: where such a call holds it, it is ended. */
  overdue(code: number): void {
    if (this.#isHeld) this.#kill(code)
  }

  get #isHeld(): boolean {
    return this.#ports.resources().some((name) => CALL.test(name))
  }

  #exit(code: number, leftMs: number): void {
    const { exit, setTimer } = this.#ports
    if (!this.#isHeld) exit(code)
    else if (leftMs <= 0) this.#kill(code)
    else setTimer(LOOK_MS, () => this.#exit(code, leftMs - LOOK_MS))
  }

  /** Service managers take an end by SIGTERM for a clean one, and one by SIGKILL for a failure. */
  #kill(code: number): void {
    const { stderr, kill } = this.#ports
    stderr('the system does not answer (disk or name server): the process ends without waiting\n')
    kill(code === 0 ? 'SIGTERM' : 'SIGKILL')
  }
}
