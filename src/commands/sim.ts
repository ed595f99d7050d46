import { mkdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  createFleet,
  type Fleet,
  mixedScenario,
  parseDuration,
  parseScenario,
  planFleet,
  problemText,
  type Scenario,
} from '../../firmware-sim/index.js'
import { setRepeating, systemClock } from '../clock.js'
import { BrokerError, EmbeddedBroker } from '../transport/index.js'
import type { Loaded } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { stopped } from './run.js'

export interface SimOptions {
  /** A scenario file; without it `devices` devices of all kinds publish to the broker. */
  readonly config?: string
  /** How many, where no file says so; default 8. */
  readonly devices?: number
  readonly seed?: number | string
  /** Chances per frame, in place of the scenario's. */
  readonly loss?: number
  readonly duplicates?: number
  readonly reboots?: number
  /** From frame to frame, with its unit, in place of the scenario's. */
  readonly interval?: string
  /** Default: `mqtt://127.0.0.1:1883`. */
  readonly broker?: string
  /** Runs a broker for the fleet inside this process; 0 = any free port. */
  readonly brokerPort?: number
  /** A directory for symlinks to the pseudo-terminals, made where it is missing. */
  readonly linkDir?: string
  readonly json?: boolean
}

const defaultDevices = 8
const statisticsMs = 10_000
/** How many devices of a link are named one by one. */
const mostNamed = 6

/** Runs the simulated fleet alone until it is told to stop. A broker that is away is tried for ever. */
export async function sim(options: SimOptions, io: CommandIo): Promise<number> {
  const problem = usageProblem(options)
  if (problem) {
    io.stderr(`${problem}\n`)
    return Exit.usage
  }
  const loaded = await scenarioOf(options, io)
  if (!loaded.ok) return loaded.exit
  const scenario = withOverrides(loaded.value, options)
  const linkDir = options.linkDir === undefined ? undefined : resolve(io.cwd, options.linkDir)
  const broker =
    options.brokerPort === undefined
      ? undefined
      : new EmbeddedBroker({ host: '127.0.0.1', port: options.brokerPort, clock: systemClock })
  let running: Fleet | undefined
  try {
    await broker?.start()
    if (linkDir !== undefined) await mkdir(linkDir, { recursive: true })
    const brokerUrl = broker?.address ?? options.broker
    const fleet = createFleet(scenario, {
      clock: systemClock,
      ...(brokerUrl !== undefined && { brokerUrl }),
      ...(linkDir !== undefined && { linkDir }),
    })
    running = fleet
    await fleet.start()
    announce(scenario, fleet, options, io)
    const undo = setRepeating(systemClock, statisticsMs, () => report(fleet, options, io))
    await stopped(io.signal)
    undo()
    report(fleet, options, io)
    return Exit.ok
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof BrokerError ? Exit.unavailable : Exit.ioError
  } finally {
    await running?.stop()
    await broker?.stop()
  }
}

function usageProblem(options: SimOptions): string | undefined {
  const { config, devices, interval, broker, brokerPort } = options
  if (config !== undefined && devices !== undefined) {
    return '--devices is for a fleet without --config: the scenario file says which devices there are'
  }
  if (broker !== undefined && brokerPort !== undefined) {
    return '--broker names a broker and --broker-port starts one: give one of them'
  }
  if (broker !== undefined && !/^(mqtts?|wss?|tcp|ssl):\/\/./.test(broker)) {
    return '--broker takes a URL such as mqtt://127.0.0.1:1883'
  }
  if (devices !== undefined && !(Number.isInteger(devices) && devices >= 1 && devices <= 100_000)) {
    return `--devices takes a whole number from 1 to 100000, not ${devices}`
  }
  for (const name of ['loss', 'duplicates', 'reboots'] as const) {
    const chance = options[name]
    if (chance !== undefined && !(chance >= 0 && chance <= 1)) {
      return `--${name} takes a chance per frame from 0 to 1, not ${chance}`
    }
  }
  if (interval !== undefined && parseDuration(interval) === undefined) {
    return `--interval takes a duration with its unit (500ms, 2s, 5min), not ${interval}`
  }
  return undefined
}

async function scenarioOf(options: SimOptions, io: CommandIo): Promise<Loaded<Scenario>> {
  const { config } = options
  if (config === undefined) {
    return { ok: true, value: mixedScenario(options.devices ?? defaultDevices) }
  }
  let text: string
  try {
    text = await readFile(resolve(io.cwd, config), 'utf8')
  } catch (error) {
    io.stderr(`cannot read the scenario: ${error instanceof Error ? error.message : error}\n`)
    return { ok: false, exit: Exit.configuration }
  }
  const result = parseScenario(text)
  if (result.ok) return { ok: true, value: result.scenario }
  for (const problem of result.problems) io.stderr(`${config}:${problemText(problem)}\n`)
  return { ok: false, exit: Exit.configuration }
}

function withOverrides(scenario: Scenario, options: SimOptions): Scenario {
  const { seed, loss, duplicates, reboots, interval } = options
  const intervalMs = interval === undefined ? undefined : parseDuration(interval)
  return {
    ...scenario,
    ...(seed !== undefined && { seed }),
    devices: scenario.devices.map((group) => ({
      ...group,
      ...(intervalMs !== undefined && { interval: intervalMs }),
      faults: {
        ...group.faults,
        ...(loss !== undefined && { loss }),
        ...(duplicates !== undefined && { duplicates }),
        ...(reboots !== undefined && { reboots }),
      },
    })),
  }
}

/** Says where each link is and who is on it. */
function announce(scenario: Scenario, fleet: Fleet, { json }: SimOptions, io: CommandIo): void {
  for (const way of planFleet(scenario).ways.values()) {
    const address = fleet.addresses.get(way.id)
    const devices = way.devices.map(({ spec, address: number }) => ({
      id: spec.id,
      ...(number >= 0 && { address: number }),
    }))
    if (json) {
      io.stdout(`${JSON.stringify({ link: way.id, kind: way.kind, address, devices })}\n`)
      continue
    }
    const named = devices
      .slice(0, mostNamed)
      .map(({ id, address: number }) => (number === undefined ? id : `${id} (address ${number})`))
    const more = devices.length > mostNamed ? [`${devices.length - mostNamed} more`] : []
    io.stdout(`${way.id}: ${address}: ${[...named, ...more].join(', ')}\n`)
  }
}

function report(fleet: Fleet, { json }: SimOptions, io: CommandIo): void {
  const statistics = fleet.statistics()
  if (json) {
    io.stdout(`${JSON.stringify({ statistics })}\n`)
    return
  }
  const { nodes, faults, links } = statistics
  const sent = Object.values(links).reduce((sum, link) => sum + link.framesSent, 0)
  const unsent = Object.values(links).reduce((sum, link) => sum + link.unsent, 0)
  const { lost, lostInBursts, silenced, lostAfterBoot } = faults.frame
  const parts = [
    `${nodes.frames} frames`,
    `${sent} sent`,
    ...(unsent > 0 ? [`${unsent} with nobody there`] : []),
    `${lost + lostInBursts + silenced + lostAfterBoot} lost on the way`,
    `${nodes.boots} reboots`,
    `${nodes.downlinks} downlinks`,
  ]
  io.stderr(`${parts.join(', ')}\n`)
  for (const { id, trouble } of fleet.links) if (trouble) io.stderr(`${id}: ${trouble}\n`)
}
