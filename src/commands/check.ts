import {
  type ConfigFiles,
  formatProblem,
  type LoadOutcome,
  loadConfiguration,
} from '../config/index.js'
import { type CommandIo, Exit } from './io.js'

export interface CheckOptions {
  /** The file; without it the usual places are searched. */
  readonly config?: string
  readonly json?: boolean
}

/**
 * Checks a configuration without opening anything: everything that is wrong with it, and what is doubtful.
 * Resolves to the exit code: 0, 78 for a wrong or missing one, 77 where it may not be read, 74 where it cannot.
 */
export async function check(
  { config, json = false }: CheckOptions,
  { stdout, stderr, env, cwd }: Pick<CommandIo, 'stdout' | 'stderr' | 'env' | 'cwd'>,
  files?: ConfigFiles,
): Promise<number> {
  const outcome = loadConfiguration({
    env,
    cwd,
    ...(config !== undefined && { path: config }),
    ...(files && { files }),
  })
  if (json) stdout(`${JSON.stringify(report(outcome))}\n`)
  else stderr(describeOutcome(outcome))
  return outcome.ok ? Exit.ok : configurationExit(outcome)
}

/** The exit code for a configuration that could not be loaded. */
export function configurationExit({ cause }: Extract<LoadOutcome, { ok: false }>): number {
  if (cause === 'permission') return Exit.noPermission
  return cause === 'io' ? Exit.ioError : Exit.configuration
}

/** Every problem and every warning on a line of its own, in the form that editors jump to. */
export function describeOutcome(outcome: LoadOutcome): string {
  const problems = outcome.ok ? [] : outcome.problems.map(formatProblem)
  const warnings = outcome.warnings.map((warning) => `${formatProblem(warning)} (warning)`)
  const { length } = problems
  const verdict = outcome.ok ? summary(outcome) : `${length} problem${length === 1 ? '' : 's'}`
  return [...problems, ...warnings, verdict].map((line) => `${line}\n`).join('')
}

function summary({ configuration }: Extract<LoadOutcome, { ok: true }>): string {
  const { file = 'from variables', devices, sources } = configuration
  return `ok: ${file}, ${devices.size} devices, ${sources.length} sources`
}

function report(outcome: LoadOutcome): object {
  const { warnings } = outcome
  if (!outcome.ok) return { ok: false, problems: outcome.problems, warnings }
  const { file } = outcome.configuration
  return { ok: true, ...(file !== undefined && { file }), problems: [], warnings }
}
