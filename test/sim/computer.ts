import type { Random } from '../../firmware-sim/index.js'
import type { Agenda } from './agenda.js'
import type { Declarations } from './declarations.js'
import { DiskLuck } from './disk-luck.js'
import { Draws, drawnByTime } from './draws.js'
import { checkPromises } from './invariants.js'
import { JournalWitness } from './journal-witness.js'
import { Life, type LifeOptions } from './life.js'
import type { Names } from './names.js'
import type { Plan } from './plan.js'
import type { SimBroker } from './sim-broker.js'
import { Storage } from './storage.js'

export interface ComputerOptions {
  readonly plan: Plan
  readonly agenda: Agenda
  readonly random: Random
  readonly declarations: Declarations
  readonly names: Names
  readonly broker: SimBroker
  readonly lines: LifeOptions['lines']
  readonly wall: () => number
  readonly isHealed: () => boolean
  readonly note: (what: string) => void
  readonly violated: (what: string) => void
}

/** How a life of the bridge's process ends. */
export type Ending = 'restart' | 'crash' | 'power-loss'

const WORDS = 2 ** 32
const LONGEST_STOP_MS = 6000
/** A process that is frozen, or waits for its disk, cannot hurry; it may stand at the beginning of a long journal. */
const LONGEST_DELAYED_STOP_MS = 1_200_000
const DELAYING = ['freezes', 'slow-disk', 'disk-full', 'disk-errors'] as const

/** The machine that the bridge runs on: its disk, its process, and who starts that again. */
export class Computer {
  readonly witness: JournalWitness
  readonly #options: ComputerOptions
  readonly #storage: Storage
  /** Everything that the witness has to read, one after the other. */
  #witnessed: Promise<void> = Promise.resolve()
  /** Resolves when no life goes on. */
  #ended: Promise<void> = Promise.resolve()
  #life: Life | undefined
  #lives = 0
  #boots = 0
  #bootedAt = 0
  #wasUnsafe = false

  constructor(options: ComputerOptions) {
    this.#options = options
    this.witness = new JournalWitness(options.declarations.configuration)
    this.#storage = this.#createStorage()
  }

  get life(): Life | undefined {
    return this.#life
  }

  /** Whether any life had to pass on what no journal held, on a disk that failed or did not answer. */
  get wasUnsafe(): boolean {
    return this.#wasUnsafe
  }

  start(): void {
    if (this.#life) return
    const { plan, agenda, declarations, broker, lines, wall, note, violated } = this.#options
    const random = this.#options.random.fork(`life ${this.#lives++}`)
    const lateness = drawnByTime(random.fork('lateness'))
    const luck = new DiskLuck(plan, random, this.#options.isHealed)
    const bootedAt = this.#bootedAt
    note(`life ${this.#lives} begins`)
    this.#life = new Life({
      configuration: declarations.configuration,
      load: () => declarations.read(),
      filesFor: (process) => this.#storage.filesFor(process, luck),
      machine: {
        agenda,
        wall,
        bootId: `boot-${this.#boots}`,
        uptimeMs: () => Math.floor(agenda.now - bootedAt),
        // Who sets it back and forth shows that it cannot be trusted.
        wallTrusted: () => !plan.strengths.has('wall-steps'),
        latenessMs: (due) => (plan.steady ? 0 : lateness(due) / WORDS),
      },
      broker,
      lines,
      randomFor: (name) => {
        const own = random.fork(name)
        return () => (plan.steady ? 0.5 : own.next())
      },
      ...(plan.planted && { planted: plan.planted }),
      onLog: (level, message, facts) => {
        note(`log ${level}: ${message} ${JSON.stringify(facts)}`)
        if (message.startsWith('journal failing')) this.#wasUnsafe = true
      },
      onThrown: (error) => violated(`I10: ${error instanceof Error ? error.stack : error}`),
      violated,
    })
    this.#life.start()
  }

  /** Ends the process, cleanly or not; what it returns starts the next one. */
  end(how: Ending): () => void {
    const life = this.#life
    this.#life = undefined
    // One that still stops has to be over before another begins.
    if (life) this.#ended = this.#over(life, how)
    return () => void this.#ended.then(() => this.start())
  }

  freeze(ms: number): void {
    this.#life?.freeze(ms)
  }

  fillDisk(): () => void {
    return this.#storage.fill()
  }

  /** Resolves when nothing of a life goes on, and the witness has seen what it left. */
  async #over(life: Life, how: Ending): Promise<void> {
    if (how === 'restart') await this.#stopped(life)
    life.kill(how === 'power-loss')
    if (how === 'power-loss') {
      const torn = new Draws(this.#options.random.fork(`power loss ${this.#lives}`))
      this.#storage.lostPower((path) => torn.for(path).next())
      this.#bootedAt = this.#options.agenda.now
      this.#boots++
    } else {
      this.#storage.killed()
    }
    this.#witnessed = this.#witnessed.then(() =>
      this.witness.read(this.#storage.copy(), how === 'power-loss'),
    )
    await this.#witnessed
    checkPromises(this.#options, this.witness)
  }

  async #stopped(life: Life): Promise<void> {
    const { plan, agenda, violated } = this.#options
    let over = false
    // A service manager gives it some seconds and then kills it; it must not come to that.
    const delayed = DELAYING.some((kind) => plan.strengths.has(kind))
    agenda.after(delayed ? LONGEST_DELAYED_STOP_MS : LONGEST_STOP_MS, () => {
      if (!over) violated('I10: the bridge does not stop in time')
    })
    try {
      await life.stop()
      over = true
    } catch (error) {
      violated(`I10: stop failed: ${error}`)
    }
  }

  #createStorage(): Storage {
    return new Storage({
      agenda: this.#options.agenda,
      onForgetting: (copy) => {
        this.#witnessed = this.#witnessed.then(() => this.witness.read(copy))
      },
    })
  }
}
