import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bridgeConfigFor,
  createFleet,
  parseScenario,
  problemText,
  type Scenario,
} from '../../firmware-sim/index.js'
import { Bridge } from '../bridge.js'
import { systemClock } from '../clock.js'
import { type Configuration, checkConfiguration } from '../config/index.js'
import { Window } from '../http/index.js'
import { told } from './configuration.js'
import { DemoView } from './demo-view.js'
import { type CommandIo, Exit } from './io.js'
import { createLog } from './logger.js'
import { stopped, viewsOf } from './run.js'
import { packageRoot, pageDirectory, version } from './version.js'

export interface DemoOptions {
  readonly json: boolean
  /** For the embedded broker; 0 = any free port; default 1883 where that is free, else any. */
  readonly brokerPort?: number
  /** A scenario file in place of the demo's own. */
  readonly scenario?: string
}

const HOST = '127.0.0.1'
const DEFAULT_PORT = 1883
/** Where the dashboard is looked for first. */
const WINDOW_PORT = 8080
const WINDOW_PORTS = 20
const DEMO_SCENARIO = fileURLToPath(new URL('config/scenarios/demo.yaml', packageRoot))

/**
 * Runs everything in one process: a broker, simulated nodes on real pseudo-terminals and MQTT, and the bridge
 * between them. Resolves to the exit code once it is told to stop.
 */
export async function demo(options: DemoOptions, io: CommandIo): Promise<number> {
  const scenario = parseScenario(await readFile(options.scenario ?? DEMO_SCENARIO, 'utf8'))
  if (!scenario.ok) {
    for (const problem of scenario.problems) io.stderr(`${problemText(problem)}\n`)
    return Exit.configuration
  }
  const linkDir = await mkdtemp(join(tmpdir(), 'alec-demo-'))
  try {
    return await runDemo(scenario.scenario, linkDir, options, io)
  } finally {
    await rm(linkDir, { recursive: true, force: true })
  }
}

async function runDemo(
  scenario: Scenario,
  linkDir: string,
  options: DemoOptions,
  io: CommandIo,
): Promise<number> {
  const port = options.brokerPort || (await freePort(options.brokerPort ?? DEFAULT_PORT))
  const fleet = createFleet(scenario, {
    clock: systemClock,
    brokerUrl: `mqtt://${HOST}:${port}`,
    linkDir,
  })
  await fleet.open()
  try {
    const ports = { broker: port, http: await freeWindowPort() }
    const configuration = demoConfiguration(scenario, fleet.addresses, ports, io)
    if (!configuration?.http) return Exit.bug
    const view = new DemoView(io, {
      json: options.json,
      devices: [...configuration.devices.keys()],
      clock: systemClock,
    })
    const log = createLog('warn', (line) => io.stderr(line))
    const window = new Window({
      config: configuration.http,
      devices: configuration.devices.size,
      pageDirectory,
      clock: systemClock,
      log,
    })
    const bridge = new Bridge({
      configuration,
      version,
      clock: systemClock,
      random: Math.random,
      log,
      onPublished: (message) => view.show(message),
      onlooker: window.onlooker,
      checkables: [window],
    })
    try {
      await bridge.start()
      await window.open(viewsOf(bridge))
      view.start(`mqtt://${HOST}:${port}`, window.address, [...fleet.addresses.values()])
      await fleet.start()
      await stopped(io.signal)
    } finally {
      await window.close()
      await bridge.stop()
      view.stop()
      log.flush()
    }
    return Exit.ok
  } finally {
    await fleet.stop()
  }
}

function demoConfiguration(
  scenario: Scenario,
  addresses: ReadonlyMap<string, string>,
  ports: { readonly broker: number; readonly http: number },
  io: CommandIo,
): Configuration | undefined {
  const document = {
    ...bridgeConfigFor(scenario, { addresses }),
    bridge: { id: 'demo' },
    broker: { embedded: { host: HOST, port: ports.broker } },
    http: { host: HOST, port: ports.http },
  }
  const loaded = told(checkConfiguration(document, { cwd: io.cwd }), io)
  return loaded.ok ? loaded.value : undefined
}

/** The wanted port where it is free, else any. */
const freePort = async (wanted: number): Promise<number> => (await ifFree(wanted)) ?? anyPort()

/** The first of the dashboard's ports that is free, else any. */
async function freeWindowPort(): Promise<number> {
  for (let port = WINDOW_PORT; port < WINDOW_PORT + WINDOW_PORTS; port++) {
    if ((await ifFree(port)) !== undefined) return port
  }
  return anyPort()
}

async function anyPort(): Promise<number> {
  const port = await ifFree(0)
  if (port === undefined) throw new Error('there is no free port on this machine')
  return port
}

/** The port where it is free, or the one that was found where it is 0; undefined where it is taken. */
function ifFree(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(wanted, HOST, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : wanted
      server.close(() => resolve(port))
    })
  })
}
