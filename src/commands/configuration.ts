import {
  type Configuration,
  formatProblem,
  type LoadOutcome,
  loadConfiguration,
  type ModelConfig,
} from '../config/index.js'
import { configurationExit } from './check.js'
import { type CommandIo, Exit } from './io.js'

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly exit: number }

/** Loads the configuration or says on stderr, problem by problem, why not. */
export function load(path: string | undefined, io: CommandIo): Loaded<Configuration> {
  return told(
    loadConfiguration({ ...(path !== undefined && { path }), env: io.env, cwd: io.cwd }),
    io,
  )
}

/** Says on stderr what a configuration's problems and doubts are. */
export function told(outcome: LoadOutcome, io: CommandIo): Loaded<Configuration> {
  if (outcome.ok) {
    for (const warning of outcome.warnings) io.stderr(`warning: ${formatProblem(warning)}\n`)
    return { ok: true, value: outcome.configuration }
  }
  for (const problem of outcome.problems) io.stderr(`${formatProblem(problem)}\n`)
  return { ok: false, exit: configurationExit(outcome) }
}

/** The model of one configured device; an unknown device ends with a usage error that names the known ones. */
export function loadModel(
  options: { readonly config?: string; readonly device: string },
  io: CommandIo,
): Loaded<ModelConfig> {
  const loaded = load(options.config, io)
  return loaded.ok ? modelOf(loaded.value, options.device, io) : loaded
}

/** As `loadModel`, of a configuration that is loaded. */
export function modelOf(
  { devices, models }: Configuration,
  device: string,
  io: CommandIo,
): Loaded<ModelConfig> {
  const model = models.get(devices.get(device)?.model ?? '')
  if (model) return { ok: true, value: model }
  const known = [...devices.keys()].slice(0, 20).join(', ') || 'none'
  io.stderr(`there is no device "${device}" in the configuration; configured: ${known}\n`)
  return { ok: false, exit: Exit.usage }
}
