import type { Clock, Undo } from '../../src/clock.js'
import type { Agenda } from './agenda.js'

/** The machine that the process runs on. */
export interface Machine {
  readonly agenda: Agenda
  /** What its wall clock says now, Unix milliseconds. */
  wall(): number
  /** How much later a timer fires that is due at this moment of the agenda. */
  latenessMs(due: number): number
  /** Which start of the machine this is. */
  readonly bootId: string
  uptimeMs(): number
  wallTrusted(): boolean
}

/**
 * One life of a process: whatever reaches it comes by `enter`, which leads nowhere once it is dead, and waits
 * while it is frozen.
 */
export class SimProcess {
  readonly clock: Clock
  readonly #machine: Machine
  readonly #onThrown: (error: unknown) => void
  #alive = true
  #frozen: (() => void)[] | undefined

  /** `onThrown` hears of what escapes from an entry: it would end the process. */
  constructor(machine: Machine, onThrown: (error: unknown) => void) {
    this.#machine = machine
    this.#onThrown = onThrown
    const { agenda } = machine
    const born = agenda.now
    this.clock = {
      mono: () => agenda.now - born,
      wall: () => machine.wall(),
      setTimer: (delayMs, fire) => this.#setTimer(delayMs, fire),
    }
  }

  get alive(): boolean {
    return this.#alive
  }

  enter(entry: () => void): void {
    if (!this.#alive) return
    if (this.#frozen) {
      this.#frozen.push(entry)
      return
    }
    this.#run(entry)
  }

  /** Stops every step of it for a while, as a suspended machine or a blocked event loop does. */
  freeze(ms: number): void {
    if (!this.#alive || this.#frozen) return
    this.#frozen = []
    this.#machine.agenda.after(ms, () => this.#thaw())
  }

  kill(): void {
    this.#alive = false
    this.#frozen = undefined
  }

  /** One entry at a time, so that promises go on between them; what comes meanwhile waits its turn. */
  #thaw(): void {
    const next = this.#frozen?.shift()
    if (next) this.#run(next)
    if (this.#frozen?.length) this.#machine.agenda.after(0, () => this.#thaw())
    else this.#frozen = undefined
  }

  #run(entry: () => void): void {
    try {
      entry()
    } catch (error) {
      this.#onThrown(error)
    }
  }

  #setTimer(delayMs: number, fire: () => void): Undo {
    let cancelled = false
    const { agenda } = this.#machine
    const due = agenda.now + Math.max(1, delayMs)
    const undo = agenda.at(due + this.#machine.latenessMs(due), () =>
      this.enter(() => {
        if (!cancelled) fire()
      }),
    )
    return () => {
      cancelled = true
      undo()
    }
  }
}
