import type { Random } from '../../firmware-sim/index.js'
import type { Agenda } from './agenda.js'
import type { Ending } from './computer.js'
import type { FaultKind, Strengths } from './fault-kinds.js'

/** What the schedule does to the world; a fault that lasts is ended by what it returns. */
export interface Faults {
  readonly agenda: Agenda
  readonly horizonMs: number
  cut(random: Random): void
  stick(random: Random): void
  outage(forgets: boolean): () => void
  refuse(code: number): () => void
  /** The broker takes nothing from the bridge, but it still gives. */
  shutOut(): () => void
  unplug(random: Random): () => void
  flood(random: Random): void
  freeze(ms: number): void
  stepWall(ms: number): void
  /** Ends the process, cleanly or not; what it returns starts the next one. */
  end(how: Ending): () => void
  fillDisk(): () => void
  edit(random: Random): void
  ask(random: Random): void
  note(what: string): void
}

interface Recurring {
  readonly kind: FaultKind
  /** Returns how long it lasts at most, and its end. */
  begin(faults: Faults, random: Random): Lasting | undefined
}

interface Lasting {
  readonly ms: number
  readonly end: () => void
}

const DAY_MS = 86_400_000
/** A strong fault comes so often between the beginning and the horizon. */
const MOST_OCCURRENCES = 12

const recurring: readonly Recurring[] = [
  { kind: 'cuts', begin: (faults, random) => void faults.cut(random) },
  { kind: 'stuck', begin: (faults, random) => void faults.stick(random) },
  {
    kind: 'outages',
    begin: (faults, random) => ({
      end: faults.outage(false),
      ms: random.exponential(faults.horizonMs / 20),
    }),
  },
  {
    kind: 'amnesia',
    begin: (faults, random) => ({ end: faults.outage(true), ms: random.between(500, 5000) }),
  },
  {
    kind: 'refusals',
    begin: (faults, random) => ({
      end: faults.refuse(1 + random.below(5)),
      ms: random.exponential(60_000),
    }),
  },
  {
    kind: 'unplug',
    begin: (faults, random) => ({ end: faults.unplug(random), ms: random.exponential(30_000) }),
  },
  { kind: 'flood', begin: (faults, random) => void faults.flood(random) },
  {
    kind: 'freezes',
    begin: (faults, random) => void faults.freeze(random.exponential(10_000)),
  },
  {
    kind: 'wall-steps',
    begin: (faults, random) => void faults.stepWall(wallStep(random)),
  },
  {
    kind: 'restarts',
    begin: (faults, random) => ({ end: faults.end('restart'), ms: downtime(faults, random) }),
  },
  {
    kind: 'crashes',
    begin: (faults, random) => ({ end: faults.end('crash'), ms: downtime(faults, random) }),
  },
  {
    kind: 'power-loss',
    begin: (faults, random) => ({ end: faults.end('power-loss'), ms: downtime(faults, random) }),
  },
  {
    kind: 'disk-full',
    begin: (faults, random) => ({ end: faults.fillDisk(), ms: random.exponential(60_000) }),
  },
  { kind: 'edits', begin: (faults, random) => void faults.edit(random) },
  { kind: 'requests', begin: (faults, random) => void faults.ask(random) },
  {
    kind: 'small-journal',
    begin: (faults, random) => ({
      end: faults.shutOut(),
      ms: random.exponential(faults.horizonMs / 5),
    }),
  },
]

/** Mostly as fast as a service manager is, now and then a long time. */
const downtime = (faults: Faults, random: Random): number =>
  random.chance(0.8) ? random.between(500, 5000) : random.exponential(faults.horizonMs / 10)

/** An hour, ten years, or a little. */
const wallStep = (random: Random): number =>
  (random.chance(0.5) ? 1 : -1) *
  random.between(0.5, 1) *
  [1000, 3_600_000, 3650 * DAY_MS][random.below(3)]!

/** Lets the faults of a plan come and go until they are healed. */
export class FaultSchedule {
  readonly #faults: Faults
  readonly #strengths: Strengths
  readonly #random: Random
  readonly #ends = new Set<() => void>()
  #healed = false

  constructor(faults: Faults, strengths: Strengths, random: Random) {
    this.#faults = faults
    this.#strengths = strengths
    this.#random = random
  }

  start(): void {
    for (const one of recurring) {
      const strength = this.#strengths.get(one.kind)
      if (strength === undefined) continue
      const random = this.#random.fork(one.kind)
      const mean = this.#faults.horizonMs / (1 + strength * MOST_OCCURRENCES)
      const again = () => {
        this.#faults.agenda.after(random.exponential(mean), () => {
          if (this.#healed) return
          this.#happen(one, random)
          again()
        })
      }
      again()
    }
  }

  /** No fault begins any more, and those that last end now. */
  heal(): void {
    this.#healed = true
    for (const end of [...this.#ends]) end()
  }

  #happen({ kind, begin }: Recurring, random: Random): void {
    this.#faults.note(`fault: ${kind}`)
    const lasting = begin(this.#faults, random)
    if (!lasting) return
    const end = () => {
      if (!this.#ends.delete(end)) return
      this.#faults.note(`over: ${kind}`)
      lasting.end()
    }
    this.#ends.add(end)
    this.#faults.agenda.after(lasting.ms, end)
  }
}
