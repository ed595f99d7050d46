import { Bridge } from '../bridge.js'
import { ContinuedClock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { BridgeMemory, LogLevels, type Machine, memoryOptions } from '../control/index.js'
import { letHeapGrow, letHeapRest } from '../heap-growth.js'
import type { Views } from '../http/index.js'
import { diskFiles, StateError } from '../journal/index.js'
import type { Log } from '../log.js'
import { thisMachine } from '../machine.js'
import { clusterOf } from './cluster-of.js'
import { load } from './configuration.js'
import { watchFile } from './file-watch.js'
import { type CommandIo, Exit } from './io.js'
import { JournalPulse } from './journal-pulse.js'
import { openRoster } from './kept-roster.js'
import { stateDirectoryOf } from './kept-state.js'
import { createLog } from './logger.js'
import { loadAgain, withBrokerPort } from './reload.js'
import { Service } from './service.js'
import { pageDirectory, version } from './version.js'

export interface RunOptions {
  readonly config?: string
  /** For the embedded broker, in place of the configured port; 0 = any free one. */
  readonly brokerPort?: number
  /** Where the state lives; default: `state_dir`, else where the system keeps such things. */
  readonly stateDir?: string
  /** Whether the configuration is read again whenever its file has changed. */
  readonly watch?: boolean
}

/** Runs the bridge until it is told to stop. What is away (port, broker) never ends it. Resolves to the exit code. */
export async function run(options: RunOptions, io: CommandIo): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const configuration = withBrokerPort(loaded.value, options.brokerPort)
  if (!configuration) {
    io.stderr('--broker-port is for the embedded broker, and this configuration names another\n')
    return Exit.usage
  }
  const logLevels = new LogLevels(configuration.log)
  const log = createLog(logLevels, io.stdout)
  // Before anything is waited for, and to the end of the process: without a listener the signal would kill it.
  let reloadWanted = false
  let onHangup = () => {
    reloadWanted = true
  }
  io.onHangup?.(() => onHangup())
  const { file } = configuration
  const watched = options.watch && file !== undefined
  const unwatch = watched ? watchFile(file, () => onHangup(), systemClock) : () => {}
  const machine = thisMachine(systemClock.wall)
  const directory = stateDirectoryOf(options.stateDir, configuration, io)
  const memory = await openMemory(options, configuration, directory, machine, log, io)
  if (memory === 'refused') return Exit.ioError
  const clock = memory?.clock ?? new ContinuedClock(systemClock, 0, () => machine.uptimeMs())
  io.onCrash?.(async (error) => {
    log.fatal({ err: error }, 'unexpected failure: the process ends')
    await memory?.journal.close()
  })
  const { http } = configuration
  // What a bridge without a window never needs stays on the disk.
  const window =
    http &&
    new (await import('../http/index.js')).Window({
      config: http,
      devices: configuration.devices.size,
      pageDirectory,
      clock: systemClock,
      log,
    })
  const cluster = await clusterOf(configuration, clock, log)
  const bridge = new Bridge({
    configuration,
    version,
    clock,
    random: Math.random,
    log,
    memory,
    cluster,
    ...(memory && (await openRoster(directory, log))),
    load: () => loadAgain(options.config, options.brokerPort, io),
    logLevels,
    onBorn: () => letHeapRest(bridge.fleet.size),
    ...(window && { onlooker: window.onlooker, checkables: [window] }),
  })
  const pulse = memory && new JournalPulse(memory.journal)
  const alive = () => pulse?.beats() ?? true
  const service = new Service({ env: io.env, pid: process.pid, clock: systemClock, log, alive })
  try {
    await bridge.start()
    await window?.open(viewsOf(bridge, memory))
    letHeapGrow(bridge.fleet.size)
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    await bridge.stop()
    await memory?.close()
    return Exit.unavailable
  }
  const broker = bridge.broker.embedded?.address
  log.info(
    {
      devices: bridge.fleet.size,
      sources: bridge.sources.map((source) => source.id),
      ...(broker && { broker }),
      ...(window?.address && { dashboard: window.address }),
    },
    'bridge started',
  )
  // Whoever asks for any port must learn which one, whatever the log level.
  if (options.brokerPort === 0) io.stderr(`broker: ${broker}\n`)
  onHangup = () => void bridge.reload()
  if (reloadWanted) onHangup()
  service.ready()
  await stopped(io.signal)
  service.stopping()
  unwatch()
  onHangup = () => {}
  await window?.close()
  await bridge.stop()
  await memory?.close()
  service.stop()
  log.info({}, 'bridge stopped')
  log.flush()
  return Exit.ok
}

/**
 * Opens what outlives the process. Undefined where the usual place cannot be used, or none is wanted: the bridge works
 * without. Refused where the place was named, or another bridge has it.
 */
async function openMemory(
  { stateDir }: RunOptions,
  configuration: Configuration,
  directory: string,
  machine: Machine,
  log: Log,
  io: CommandIo,
): Promise<BridgeMemory | undefined | 'refused'> {
  const ports = { files: diskFiles, clock: systemClock, machine, log }
  const wanted = memoryOptions(configuration, directory, ports)
  if (!wanted) return undefined
  try {
    return await BridgeMemory.open(wanted)
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    const named = stateDir !== undefined || configuration.stateDir !== undefined
    if (named || error.code === 'ERR_STATE_IN_USE') {
      io.stderr(`${error.message}\n`)
      return 'refused'
    }
    const { code, message } = error
    log.warn(
      { directory, code },
      `${message}: frames are not kept, and a restart forgets all devices`,
    )
    return undefined
  }
}

/** What of a bridge can be seen from outside. */
export const viewsOf = (bridge: Bridge, memory?: BridgeMemory): Views => ({
  get configuration() {
    return bridge.configuration
  },
  version,
  fleet: bridge.fleet,
  sources: bridge.sources,
  publisher: bridge.publisher,
  broker: bridge.broker,
  ...(memory && { journal: memory.journal }),
  requests: bridge.requests,
})

/** Resolves when the signal is aborted. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
