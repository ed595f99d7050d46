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
  else stderr(`${lines(outcome).join('\n')}\n`)
  return outcome.ok ? Exit.ok : configurationExit(outcome)
}

/** The exit code for a configuration that could not be loaded. */
export function configurationExit({ cause }: Extract<LoadOutcome, { ok: false }>): number {
  if (cause === 'permission') return Exit.noPermission
  return cause === 'io' ? Exit.ioError : Exit.configuration
}

/** One problem or warning a line, in the form that editors jump to, and the verdict. */
function lines(outcome: LoadOutcome): string[] {
  if (!outcome.ok) {
    const { length } = outcome.problems
    return [...outcome.problems.map(formatProblem), `${length} problem${length === 1 ? '' : 's'}`]
  }
  const { file = 'from variables', devices, sources } = outcome.configuration
  const warnings = outcome.warnings.map((warning) => `${formatProblem(warning)} (warning)`)
  return [...warnings, `ok: ${file}, devices: ${devices.size}, sources: ${sources.length}`]
}

function report(outcome: LoadOutcome): object {
  const { ok, warnings } = outcome
  if (!ok) return { ok, problems: outcome.problems, warnings }
  const { file } = outcome.configuration
  return { ok, ...(file !== undefined && { file }), problems: [], warnings }
}
