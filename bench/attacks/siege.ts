import { percentile } from '../percentile.js'
import { Attacker } from './attacker.js'
import type { Onslaught } from './onslaught.js'
import { HealthyClient, type Pulse } from './pulse.js'
import { Victim, type VictimKind } from './victim.js'

export interface Outcome {
  readonly attack: string
  readonly faults: readonly string[]
  readonly seconds: number
  /**
   * Of the healthy client, p99 of a round, the median of the rounds: under attack, beside it in silence, and while as many connections
   * went to nobody. NaN where the attack was too short for a percentile, and where nothing was sent aside.
   */
  readonly p99Ms: number
  readonly silentP99Ms: number
  readonly asideP99Ms: number
  /** Acknowledged, and never seen. */
  readonly lost: number
  readonly growthMiB: number
  readonly alive: boolean
}

/** An attack comes in rounds, each beside one of silence: what the machine does by itself for a while meets both. */
const ROUNDS = 5
/** Of a flood. While there is none its victim may let a hundred connections in at once again, with which each round begins. */
const ROUND_MS = 10_000
/** From the end of a round until the last of it has been dealt with. */
const SETTLE_MS = 1500
/** One that lasts longer than this is not done again; nor is silence longer. */
const LONG_MS = 12_000
/** From one message of the healthy client to the next. */
const PERIOD_MS = 20
/** Of a handful, the slowest is no percentile. */
const ENOUGH_MESSAGES = 50
/**
 * Mutated packets before anything is measured. A process that has had little to do grows, whoever keeps it busy,
 * by what the engine then sets aside for young objects (measured: 64 MiB to 150; its heap after a collection stays
 * at 17). The program, which lets few connections in, gets what it takes of them.
 */
const WARM_UP = { packets: 30_000, ms: 10_000 }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A flood that goes on as long as it is told to. */
export interface Flood {
  readonly name: string
  readonly order: Extract<Onslaught, { readonly kind: 'mutation' | 'knocking' }>
}

/** A victim, whom an attacker and a healthy client are at. */
export class Siege {
  readonly #victim: Victim
  readonly #attacker: Attacker
  readonly #healthy: HealthyClient
  readonly #rssBefore: number

  private constructor(victim: Victim, attacker: Attacker, healthy: HealthyClient) {
    this.#victim = victim
    this.#attacker = attacker
    this.#healthy = healthy
    this.#rssBefore = victim.rss
  }

  static async of(kind: VictimKind): Promise<Siege> {
    const victim = await Victim.start(kind)
    const attacker = new Attacker()
    const healthy = await HealthyClient.start(victim.url, 'healthy', PERIOD_MS)
    const warm = kind === 'broker' ? { packets: WARM_UP.packets } : { ms: WARM_UP.ms }
    await attacker.attack(victim, { kind: 'mutation', seed: 99, ...warm })
    await pause(SETTLE_MS)
    return new Siege(victim, attacker, healthy)
  }

  /** One that has its own end: once, and where that takes long enough for a percentile again and again. */
  async attack(name: string, order: Onslaught = { kind: 'attack', name }): Promise<Outcome> {
    const faults: string[] = []
    const under = async () => {
      const aftermath = await this.#attacker.attack(this.#victim, order)
      faults.push(...aftermath.faults)
    }
    const begin = performance.now()
    const first = await this.#during(under)
    const ms = performance.now() - begin
    const pulses = { attacked: [first], silent: [] as Pulse[], aside: [] }
    const rounds = first.sent < ENOUGH_MESSAGES ? 0 : ms > LONG_MS ? 1 : ROUNDS
    for (let round = 0; round < rounds; round++) {
      pulses.silent.push(await this.#later(() => pause(Math.min(ms, LONG_MS))))
      if (rounds > 1) pulses.attacked.push(await this.#later(under))
    }
    return this.#outcome(name, faults, ms, pulses)
  }

  /** In turns with silence, and with as many connections to nobody. */
  async flood({ name, order }: Flood): Promise<Outcome> {
    const nobody = await Victim.start('sink')
    const pulses = { attacked: [] as Pulse[], silent: [] as Pulse[], aside: [] as Pulse[] }
    for (let round = 0; round < ROUNDS; round++) {
      pulses.silent.push(await this.#later(() => pause(ROUND_MS)))
      let perSecond = 0
      const flood = async () => {
        const { connections } = await this.#attacker.attack(this.#victim, {
          ...order,
          ms: ROUND_MS,
        })
        perSecond = (connections * 1000) / ROUND_MS
      }
      pulses.attacked.push(await this.#later(flood))
      const aside = { ...order, ms: ROUND_MS, perSecond }
      pulses.aside.push(await this.#later(() => this.#attacker.attack(nobody, aside)))
    }
    await nobody.stop()
    return this.#outcome(name, [], ROUNDS * ROUND_MS, pulses)
  }

  async end(): Promise<void> {
    this.#attacker.stop()
    await this.#healthy.stop()
    await this.#victim.stop()
  }

  /** What the healthy client sees meanwhile. */
  async #during(run: () => Promise<unknown>): Promise<Pulse> {
    await this.#healthy.read()
    await run()
    return this.#healthy.read()
  }

  /** The same, once what was before is over. */
  async #later(run: () => Promise<unknown>): Promise<Pulse> {
    await pause(SETTLE_MS)
    return this.#during(run)
  }

  #outcome(
    attack: string,
    faults: readonly string[],
    ms: number,
    pulses: Readonly<Record<'attacked' | 'silent' | 'aside', readonly Pulse[]>>,
  ): Outcome {
    const { isAlive } = this.#victim
    const all = Object.values(pulses).flat()
    return {
      attack,
      faults: [...new Set(faults)],
      seconds: ms / 1000,
      p99Ms: p99Of(pulses.attacked),
      silentP99Ms: p99Of(pulses.silent),
      asideP99Ms: p99Of(pulses.aside),
      lost: all.reduce((sum, { lost }) => sum + lost, 0),
      growthMiB: isAlive ? this.#victim.rss - this.#rssBefore : Number.NaN,
      alive: isAlive,
    }
  }
}

const p99Of = (pulses: readonly Pulse[]): number =>
  pulses.some(({ sent }) => sent < ENOUGH_MESSAGES)
    ? Number.NaN
    : percentile(
        pulses.map(({ p99 }) => p99),
        0.5,
      )
