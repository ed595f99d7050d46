import { Bridge } from '../../src/bridge.js'
import type { Configuration } from '../../src/config/index.js'
import type { Log } from '../../src/log.js'
import { LineSource } from '../../src/transport/index.js'
import { lineSettings } from '../../src/transport/line-settings.js'
import { lineConfig } from '../support/line-config.js'
import type { LinePlan } from './plan.js'
import { type PlantedBug, withHalvedBounds } from './planted-bugs.js'
import type { SimBroker } from './sim-broker.js'
import type { SimConnection } from './sim-connection.js'
import type { SimLine } from './sim-line.js'
import { type Machine, SimProcess } from './sim-process.js'

export interface LifeOptions {
  readonly configuration: Configuration
  readonly machine: Machine
  readonly broker: SimBroker
  readonly lines: readonly {
    readonly plan: LinePlan
    readonly line: SimLine
    readonly devices: ReadonlyMap<number, string>
  }[]
  readonly random: () => number
  readonly planted?: PlantedBug
  readonly onLog: (level: string, message: string, facts: object) => void
  /** An exception or a rejection that nobody caught: it would have ended the process. */
  readonly onThrown: (error: unknown) => void
}

/** One life of the bridge's process, from its start to its end: the production code, between simulated doors. */
export class Life {
  readonly bridge: Bridge
  readonly #process: SimProcess
  readonly #options: LifeOptions
  readonly #connections: SimConnection[] = []

  constructor(options: LifeOptions) {
    const { configuration, machine, broker, random, onThrown } = options
    this.#options = options
    const process = new SimProcess(machine, onThrown)
    this.#process = process
    this.bridge = new Bridge({
      configuration,
      version: '0.0.0',
      clock: process.clock,
      random,
      log: this.#log(),
      gauge: {
        start: () => {},
        stop: () => {},
        loopLagMs: () => 0,
        memory: () => ({ used: 0, limit: 1 }),
      },
      brokerDoor: (_access, identity) => {
        const opened = (connection: SimConnection) => this.#connections.push(connection)
        const door = broker.door(identity, process, opened)
        return options.planted === 'halved-bounds' ? withHalvedBounds(door) : door
      },
      sources: options.lines.map(({ plan, line, devices }) => {
        const { id, format, baudRate } = plan
        const config = lineConfig({ ...format, baudRate, path: `/dev/${id}`, device: id })
        const settings = lineSettings({ ...config, address: 'none' }, process.clock)
        const { clock } = process
        const door = line.door(process)
        return new LineSource({ ...settings, format, door, devices, clock, random })
      }),
    })
  }

  get alive(): boolean {
    return this.#process.alive
  }

  start(): void {
    this.#process.enter(() => this.#watch(this.bridge.start()))
  }

  /** A clean end: resolves when the process is over. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#process.enter(() => void this.bridge.stop().then(resolve, reject))
    })
    this.#end(false)
  }

  freeze(ms: number): void {
    this.#process.freeze(ms)
  }

  /** kill -9, or with `silently` the power goes. */
  kill(silently: boolean): void {
    this.#end(silently)
  }

  #end(silently: boolean): void {
    if (!this.#process.alive) return
    this.#process.kill()
    for (const connection of this.#connections) connection.orphan(silently)
    for (const { line } of this.#options.lines) line.orphan()
  }

  #watch(promise: Promise<unknown>): void {
    promise.catch((error) => this.#options.onThrown(error))
  }

  #log(): Log {
    const write = (level: string) => (facts: object, message: string) => {
      if (this.alive) this.#options.onLog(level, message, facts)
    }
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    }
  }
}
