import type { Random } from '../../firmware-sim/index.js'
import type { DiskStep } from '../support/sim-disk.js'
import { Draws } from './draws.js'
import type { Plan } from './plan.js'

const LONGEST_MEAN_MS = 1000
const MOST_ERRORS = 0.1

/**
 * What the disk does of its own accord to one life of the process. Every kind of step on every path has numbers of its
 * own: one step more or less, as after a change of the journal, leaves everything else in the world where it is.
 */
export class DiskLuck {
  readonly #latencies: Draws
  readonly #errors: Draws
  readonly #slowMs: number
  readonly #errorRate: number
  readonly #isSteady: boolean
  readonly #isHealed: () => boolean

  /** `random` is that of the life. */
  constructor({ strengths, steady }: Plan, random: Random, isHealed: () => boolean) {
    this.#latencies = new Draws(random.fork('disk latency'))
    this.#errors = new Draws(random.fork('disk errors'))
    this.#slowMs = (strengths.get('slow-disk') ?? 0) * LONGEST_MEAN_MS
    this.#errorRate = (strengths.get('disk-errors') ?? 0) * MOST_ERRORS
    this.#isSteady = steady ?? false
    this.#isHealed = isHealed
  }

  /** How long a call takes. */
  latencyMs(call: DiskStep, path: string): number {
    if (this.#isSteady) return 0
    const mean = this.#isHealed() ? 1 : 1 + this.#slowMs
    return this.#latencies.for(`${call} ${path}`).exponential(mean)
  }

  /** Whether a step fails. */
  fails(step: DiskStep, path: string): boolean {
    if (this.#errorRate === 0 || this.#isHealed()) return false
    return this.#errors.for(`${step} ${path}`).chance(this.#errorRate)
  }
}
