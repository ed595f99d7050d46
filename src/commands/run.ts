import { Bridge } from '../bridge.js'
import { systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { load } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { createLog } from './logger.js'
import { version } from './version.js'

export interface RunOptions {
  readonly config?: string
  /** For the embedded broker, in place of the configured port; 0 = any free one. */
  readonly brokerPort?: number
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
  const log = createLog(configuration.log.level, io.stdout)
  const bridge = new Bridge({
    configuration,
    version,
    clock: systemClock,
    random: Math.random,
    log,
  })
  try {
    await bridge.start()
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    await bridge.stop()
    return Exit.unavailable
  }
  const broker = bridge.embeddedAddress
  log.info(
    {
      devices: bridge.fleet.size,
      sources: bridge.sources.map((source) => source.id),
      ...(broker && { broker }),
    },
    'bridge started',
  )
  // Whoever asks for any port must learn which one, whatever the log level.
  if (options.brokerPort === 0) io.stderr(`broker: ${broker}\n`)
  await stopped(io.signal)
  await bridge.stop()
  log.info({}, 'bridge stopped')
  return Exit.ok
}

/** The configuration with another port of the embedded broker; undefined where there is no such broker. */
export function withBrokerPort(
  configuration: Configuration,
  port: number | undefined,
): Configuration | undefined {
  if (port === undefined) return configuration
  const { broker } = configuration
  return broker.kind === 'embedded' ? { ...configuration, broker: { ...broker, port } } : undefined
}

/** Resolves when the signal is aborted. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
