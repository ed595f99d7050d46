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
import { told } from './configuration.js'
import { DemoView } from './demo-view.js'
import { type CommandIo, Exit } from './io.js'
import { createLog } from './logger.js'
import { stopped } from './run.js'
import { packageRoot, version } from './version.js'

export interface DemoOptions {
  readonly json: boolean
  /** For the embedded broker; 0 = any free port; default 1883 where that is free, else any. */
  readonly brokerPort?: number
  /** A scenario file in place of the demo's own. */
  readonly scenario?: string
}

const HOST = '127.0.0.1'
const DEFAULT_PORT = 1883
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
    const configuration = demoConfiguration(scenario, fleet.addresses, port, io)
    if (!configuration) return Exit.bug
    const view = new DemoView(io, {
      json: options.json,
      devices: [...configuration.devices.keys()],
      clock: systemClock,
    })
    const log = createLog('warn', (line) => io.stderr(line))
    const bridge = new Bridge({
      configuration,
      version,
      clock: systemClock,
      random: Math.random,
      log,
      onPublished: (message) => view.show(message),
    })
    try {
      await bridge.start()
      view.start(`mqtt://${HOST}:${port}`, [...fleet.addresses.values()])
      await fleet.start()
      await stopped(io.signal)
    } finally {
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
  port: number,
  io: CommandIo,
): Configuration | undefined {
  const document = {
    ...bridgeConfigFor(scenario, { addresses }),
    bridge: { id: 'demo' },
    broker: { embedded: { host: HOST, port } },
  }
  const loaded = told(checkConfiguration(document, { cwd: io.cwd }), io)
  return loaded.ok ? loaded.value : undefined
}

/** The wanted port where it is free, else any. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wanted, HOST, () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : wanted
      server.close(() => resolve(port))
    })
  })
}
