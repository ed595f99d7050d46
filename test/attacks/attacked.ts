import { expect } from 'vitest'
import type { Target } from '../../bench/attacks/attacks.js'
import { HealthyClient } from '../../bench/attacks/pulse.js'
import { Victim, type VictimKind } from '../../bench/attacks/victim.js'
import { assertBuilt } from '../e2e/program.js'

/** What is asserted on a machine that others use as well; `bench/attacks.ts` reports the figures. */
const SLOWEST_P99_MS = 500
/**
 * Of a process that has just started. Measured: 60 to 95, most of it what the engine sets aside for young objects;
 * one packet that is believed costs 200.
 */
const MOST_GROWTH_MIB = 150

/** A process under attack, with a client that means no harm. */
export class Attacked {
  readonly #victim: Victim
  readonly #healthy: HealthyClient
  readonly #rssBefore: number

  private constructor(victim: Victim, healthy: HealthyClient) {
    this.#victim = victim
    this.#healthy = healthy
    this.#rssBefore = victim.rss
  }

  static async start(kind: VictimKind = 'program'): Promise<Attacked> {
    assertBuilt()
    const victim = await Victim.start(kind)
    return new Attacked(victim, await HealthyClient.start(victim.url))
  }

  get target(): Target {
    return { port: this.#victim.port }
  }

  /** The victim has survived, and its other client has noticed little. */
  async expectUnharmed(): Promise<void> {
    expect(this.#victim.output).not.toMatch(/unexpected|uncaught|\w+Error\b|\n {4}at /)
    expect(this.#victim.isAlive).toBe(true)
    const pulse = await this.#healthy.read()
    expect(pulse.lost).toBe(0)
    // Of a handful, the slowest is no percentile.
    if (pulse.sent > 50) expect(pulse.p99).toBeLessThan(SLOWEST_P99_MS)
    expect(this.#victim.rss - this.#rssBefore).toBeLessThan(MOST_GROWTH_MIB)
  }

  async stop(): Promise<void> {
    await this.#healthy.stop()
    await this.#victim.stop()
  }
}
