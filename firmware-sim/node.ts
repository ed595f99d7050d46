import { NodeFaults, noFaults } from './faults/index.js'
import { type Firmware, type FirmwareSpec, startFirmware } from './firmware.js'
import type { Random } from './random.js'
import { Signal } from './signals/index.js'

export interface NodeSpec extends FirmwareSpec {
  readonly id: string
  /** From one frame to the next. */
  readonly intervalMs: number
  /** How many times faster the world before the sensors goes than the frames: 60 makes a day of 24 minutes. */
  readonly timeLapse: number
}

/** A frame as it leaves the device. */
export interface NodeFrame {
  /** When it was due, in the simulation's Unix milliseconds. */
  readonly at: number
  readonly bytes: Uint8Array
  /** How often the device had restarted before. */
  readonly boot: number
  /** The truth: what each channel measured last, by channel; NaN where it has not measured yet. */
  readonly values: readonly number[]
}

export interface NodeCounters {
  readonly frames: number
  readonly bytes: number
  readonly boots: number
  readonly downlinks: number
  readonly downlinksRefused: number
}

/**
 * One virtual device: sensors, firmware, a schedule. It knows no clock: `step` says how late it is, and what
 * it sends depends on its seed, the beginning and the downlinks alone.
 */
export class FirmwareNode {
  readonly spec: NodeSpec
  readonly #signals: readonly Signal[]
  readonly #faults: NodeFaults
  readonly #startMs: number
  readonly #values: number[]
  #firmware: Firmware
  #nextAt: number
  #boot = 0
  #frames = 0
  #bytes = 0
  #downlinks = 0
  #downlinksRefused = 0

  /** `startMs` is the simulation's beginning in Unix milliseconds; the first frame is due within an interval. */
  constructor(spec: NodeSpec, random: Random, startMs: number, faults?: NodeFaults) {
    this.spec = spec
    this.#startMs = startMs
    this.#faults = faults ?? new NodeFaults(noFaults, random)
    this.#signals = spec.channels.map(
      ({ name, kind }) => new Signal(kind, random.fork(`channel ${name}`)),
    )
    this.#values = spec.channels.map(() => Number.NaN)
    this.#firmware = startFirmware(spec)
    // Devices were not switched on all at once.
    this.#nextAt = startMs + random.fork('phase').below(spec.intervalMs)
  }

  get id(): string {
    return this.spec.id
  }

  /** When its next frame is due, in the simulation's Unix milliseconds. */
  get nextAt(): number {
    return this.#nextAt
  }

  get counters(): NodeCounters {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      boots: this.#boot,
      downlinks: this.#downlinks,
      downlinksRefused: this.#downlinksRefused,
    }
  }

  /**
   * Does what was due first, if anything was: measures, and sends a frame unless it suppresses it. Called
   * again until `nextAt` is later than `now`, it catches up.
   */
  step(now: number): NodeFrame | undefined {
    if (now < this.#nextAt) return undefined
    const at = this.#nextAt
    this.#nextAt += this.spec.intervalMs
    if (this.#faults.reboots()) this.reboot()
    const world = this.#startMs + (at - this.#startMs) * this.spec.timeLapse
    for (const channel of this.#firmware.nextChannels) {
      const value = this.#signals[channel]?.sample(world) ?? Number.NaN
      this.#values[channel] = this.#faults.reading(value)
    }
    const bytes = this.#firmware.encode(this.#values, at)
    if (!bytes) return undefined
    this.#frames++
    this.#bytes += bytes.length
    return { at, bytes, boot: this.#boot, values: [...this.#values] }
  }

  /** Restarts at once: everything in memory is lost, what it measures and when goes on. */
  reboot(): void {
    this.#boot++
    this.#firmware = startFirmware(this.spec)
  }

  /** A downlink arrives; false where it is lost or no command of this firmware. */
  receive(downlink: Uint8Array): boolean {
    if (this.#faults.losesDownlink()) return false
    const taken = this.#firmware.handleDownlink(downlink)
    if (taken) this.#downlinks++
    else this.#downlinksRefused++
    return taken
  }
}
