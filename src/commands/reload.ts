import { type Configuration, type LoadOutcome, loadConfiguration } from '../config/index.js'
import type { CommandIo } from './io.js'

/** Reads the configuration as `run` has read it, with the port that was asked for. */
export function loadAgain(
  path: string | undefined,
  brokerPort: number | undefined,
  io: CommandIo,
): LoadOutcome {
  const outcome = loadConfiguration({
    ...(path !== undefined && { path }),
    env: io.env,
    cwd: io.cwd,
  })
  if (!outcome.ok) return outcome
  // Where there is another broker now, that needs a restart anyway.
  const configuration = withBrokerPort(outcome.configuration, brokerPort) ?? outcome.configuration
  return { ...outcome, configuration }
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
