import type { Random } from '../random.js'
import type { NodeFaultRates } from './rates.js'

export interface NodeFaultCounters {
  readonly reboots: number
  readonly notFinite: number
  readonly downlinksLost: number
}

const notFinite = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const

/** What goes wrong inside a device. Each fault draws from its own numbers, so one more leaves the others alone. */
export class NodeFaults {
  readonly #rates: NodeFaultRates
  readonly #reboot: Random
  readonly #sensor: Random
  readonly #downlink: Random
  #reboots = 0
  #notFinite = 0
  #downlinksLost = 0

  constructor(rates: NodeFaultRates, random: Random) {
    this.#rates = rates
    this.#reboot = random.fork('reboot')
    this.#sensor = random.fork('sensor')
    this.#downlink = random.fork('downlink')
  }

  get counters(): NodeFaultCounters {
    return {
      reboots: this.#reboots,
      notFinite: this.#notFinite,
      downlinksLost: this.#downlinksLost,
    }
  }

  /** Asked once before each frame. */
  reboots(): boolean {
    if (!this.#reboot.chance(this.#rates.reboots)) return false
    this.#reboots++
    return true
  }

  /** What the sensor hands over instead of `value`: mostly `value`. */
  reading(value: number): number {
    if (!this.#sensor.chance(this.#rates.notFinite)) return value
    this.#notFinite++
    return notFinite[this.#sensor.below(notFinite.length)] ?? Number.NaN
  }

  /** Asked once for each downlink. */
  losesDownlink(): boolean {
    if (!this.#downlink.chance(this.#rates.downlinkLoss)) return false
    this.#downlinksLost++
    return true
  }
}
