import { Bridge } from '../../src/bridge.js'
import type { Clock } from '../../src/clock.js'
import { openRoster } from '../../src/commands/kept-roster.js'
import type { Configuration, LoadOutcome } from '../../src/config/index.js'
import { BridgeMemory, memoryOptions } from '../../src/control/index.js'
import type { FilePort } from '../../src/journal/index.js'
import type { Log } from '../../src/log.js'
import { LineSource } from '../../src/transport/index.js'
import { lineSettings } from '../../src/transport/line-settings.js'
import { lineConfig } from '../support/line-config.js'
import { STATE } from '../support/sim-disk.js'
import { watched } from './hand-over.js'
import type { LinePlan } from './plan.js'
import { type PlantedBug, plant, plantAt } from './planted-bugs.js'
import type { SimBroker } from './sim-broker.js'
import type { ClientSide, SimConnection } from './sim-connection.js'
import type { SimLine } from './sim-line.js'
import { type Machine, SimProcess } from './sim-process.js'

export interface LifeOptions {
  readonly configuration: Configuration
  /** Reads the configuration again. */
  readonly load: () => LoadOutcome
  readonly machine: Machine
  readonly filesFor: (process: ClientSide) => FilePort
  readonly broker: SimBroker
  readonly lines: readonly {
    readonly plan: LinePlan
    readonly line: SimLine
    readonly devices: ReadonlyMap<number, string>
  }[]
  /** Random numbers apart for each part of the process that draws. */
  readonly randomFor: (name: string) => () => number
  readonly planted?: PlantedBug
  readonly onLog: (level: string, message: string, facts: object) => void
  /** An exception or a rejection that nobody caught: it would have ended the process. */
  readonly onThrown: (error: unknown) => void
  readonly violated: (what: string) => void
}

/** One life of the bridge's process, from its start to its end: the production code, between simulated doors. */
export class Life {
  readonly #process: SimProcess
  readonly #options: LifeOptions
  #connections: SimConnection[] = []
  readonly #log: Log
  #bridge: Bridge | undefined
  #memory: BridgeMemory | undefined
  #started: Promise<void> = Promise.resolve()
  /** Undefined before it is started and once it stops; what was wanted meanwhile comes then, as after a signal. */
  #running: Bridge | undefined
  #wantsReload = false

  constructor(options: LifeOptions) {
    this.#options = options
    this.#process = new SimProcess(options.machine, options.onThrown)
    this.#log = this.#openLog()
  }

  /** Undefined until the process has read what an earlier one left. */
  get bridge(): Bridge | undefined {
    return this.#bridge
  }

  get alive(): boolean {
    return this.#process.alive
  }

  start(): void {
    this.#process.enter(() => {
      this.#started = this.#run()
      this.#started.catch((error) => this.#options.onThrown(error))
    })
  }

  /** Has the configuration read again, now or once it is started. */
  reload(): void {
    this.#process.enter(() => {
      this.#wantsReload = this.#running === undefined
      void this.#running?.reload()
    })
  }

  /** Asks for something; whoever asks does not wait. */
  ask(verb: string, document: object): void {
    const payload = new TextEncoder().encode(JSON.stringify(document))
    this.#process.enter(() => void this.#running?.requests.ask({ verb, payload, over: 'http' }))
  }

  /** A clean end: resolves when the process is over. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#process.enter(() => void this.#shutDown().then(resolve, reject))
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

  async #run(): Promise<void> {
    const { configuration, machine, filesFor } = this.#options
    const files = filesFor(this.#process)
    const log = this.#log
    const ports = { files, clock: this.#process.clock, machine, log }
    const wanted = memoryOptions(configuration, STATE, ports)
    if (wanted) {
      await files.makeDirectory(STATE)
      // Without the lock: this world has one bridge.
      this.#memory = await BridgeMemory.openUnlocked(wanted)
      plant(this.#options.planted, this.#memory)
    }
    const roster = this.#memory && (await openRoster(STATE, log, files))
    const bridge = this.#open(this.#memory, roster)
    this.#bridge = bridge
    await bridge.start()
    this.#running = bridge
    if (this.#wantsReload) await bridge.reload()
  }

  async #shutDown(): Promise<void> {
    await this.#started
    this.#running = undefined
    await this.#bridge?.stop()
    await this.#memory?.close()
  }

  #open(
    memory: BridgeMemory | undefined,
    roster: Awaited<ReturnType<typeof openRoster>> | undefined,
  ): Bridge {
    const { configuration, load, broker, randomFor, planted, lines } = this.#options
    const { machine, violated } = this.#options
    const process = this.#process
    const clock = memory?.clock ?? process.clock
    return new Bridge({
      configuration,
      version: '0.0.0',
      clock: process.clock,
      random: randomFor('bridge'),
      log: this.#log,
      memory,
      load,
      ...roster,
      gauge: {
        start: () => {},
        stop: () => {},
        loopLagMs: () => 0,
        memory: () => ({ used: 0, limit: 1 }),
      },
      brokerDoor: (_access, identity) => {
        const opened = (connection: SimConnection) => {
          this.#connections = this.#connections.filter(({ isOver }) => !isOver)
          this.#connections.push(connection)
        }
        const holds = planted !== 'early-acknowledgement'
        const door = broker.door(identity, process, opened, holds)
        return plantAt(
          planted,
          watched(door, () => machine.agenda.now, violated),
        )
      },
      sources: lines.map((one) => lineSource(one, process, clock, randomFor(one.plan.id))),
    })
  }

  #end(silently: boolean): void {
    if (!this.#process.alive) return
    this.#process.kill()
    for (const connection of this.#connections) connection.orphan(silently)
    for (const { line } of this.#options.lines) line.orphan()
  }

  #openLog(): Log {
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

function lineSource(
  { plan, line, devices }: LifeOptions['lines'][number],
  process: ClientSide,
  clock: Clock,
  random: () => number,
): LineSource {
  const { id, format, baudRate } = plan
  const config = lineConfig({ baudRate, path: `/dev/${id}`, device: id })
  const settings = lineSettings(config, clock)
  return new LineSource({ ...settings, format, door: line.door(process), devices, clock, random })
}
