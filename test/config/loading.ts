import { formatProblem, type LoadOutcome, loadConfiguration } from '../../src/config/index.js'
import { type MemoryFile, memoryFiles } from './memory-files.js'

/** Loads `text` as `/etc/gw/c.yaml`, which messages call `c.yaml`. */
export function load(
  text: string,
  env: Readonly<Record<string, string>> = {},
  disk: Readonly<Record<string, MemoryFile>> = {},
): LoadOutcome {
  return loadConfiguration({
    path: 'c.yaml',
    cwd: '/etc/gw',
    env,
    files: memoryFiles({ '/etc/gw/c.yaml': text, ...disk }),
    hostName: 'gw-1.example',
  })
}

/** The problems, worded; none where the configuration is right. */
export const problemsOf = (outcome: LoadOutcome): string[] =>
  outcome.ok ? [] : outcome.problems.map(formatProblem)

export const warningsOf = (outcome: LoadOutcome): string[] =>
  outcome.ok ? outcome.warnings.map(formatProblem) : []

/** What a configuration that must be right came to. */
export function loaded(outcome: LoadOutcome) {
  if (!outcome.ok) throw new Error(problemsOf(outcome).join('\n'))
  return outcome.configuration
}
