import { hostname } from 'node:os'
import type { Configuration } from './configuration.js'
import { applyEnvironment, type Environment, overrides } from './environment.js'
import { type ConfigFiles, readText, reasonOf, systemFiles } from './files.js'
import { Findings } from './findings.js'
import { absolute, lookup } from './lookup.js'
import { type Problem, problemAt } from './problem.js'
import type { FileAccess } from './secrets.js'
import { rawMap, SourceTree } from './source-tree.js'
import { validate } from './validate.js'
import { readYaml } from './yaml-reader.js'

export interface LoadRequest {
  /** From the command line; without it the usual places are searched. */
  readonly path?: string
  readonly env: Environment
  readonly cwd: string
  /** Default: the disk. */
  readonly files?: ConfigFiles
  /** The default of `bridge.id`; default: that of the machine. */
  readonly hostName?: string
}

/** A failure's `cause` tells an exit code: what is wrong is in the configuration, in its permissions, or in reading. */
export type LoadOutcome =
  | {
      readonly ok: true
      readonly configuration: Configuration
      readonly warnings: readonly Problem[]
    }
  | {
      readonly ok: false
      readonly cause: 'configuration' | 'permission' | 'io'
      readonly problems: readonly Problem[]
      /** None: what is doubtful may change with what is wrong. */
      readonly warnings: readonly Problem[]
    }

/** Finds, reads and checks the configuration: all of it before anything opens, and every problem at once. */
export function loadConfiguration(request: LoadRequest): LoadOutcome {
  const { env, cwd, files = systemFiles } = request
  const found = find(request, files)
  if (!found.ok) return found.failure
  const { file, text } = found
  const { tree, faults } = text === undefined ? { tree: emptyTree(), faults: [] } : readYaml(text)
  const findings = new Findings(tree ?? emptyTree(), file)
  for (const { place, path, message } of faults) findings.problemOf(place, path, message)
  if (!tree) return failure(findings.problems)
  for (const { variable, message } of applyEnvironment(tree, env)) {
    findings.problemOf({ variable }, [], message)
  }
  const access: FileAccess = {
    files,
    cwd,
    ...(file !== undefined && { file: absolute(file, cwd) }),
  }
  return conclude(tree, access, request.hostName, findings)
}

/**
 * Checks a configuration that a program made: a plain value in the shape of the file. Its relative paths begin at
 * `cwd`.
 */
export function checkConfiguration(
  document: unknown,
  { cwd, files = systemFiles, hostName }: Omit<LoadRequest, 'path' | 'env'>,
): LoadOutcome {
  const tree = new SourceTree(structuredClone(document))
  return conclude(tree, { files, cwd }, hostName, new Findings(tree))
}

function conclude(
  tree: SourceTree,
  access: FileAccess,
  hostName: string | undefined,
  findings: Findings,
): LoadOutcome {
  const configuration = validate(tree, { access, hostName: hostName ?? hostname() }, findings)
  return configuration
    ? { ok: true, configuration, warnings: findings.warnings }
    : failure(findings.problems)
}

type Cause = Extract<LoadOutcome, { ok: false }>['cause']

const failure = (problems: readonly Problem[], cause: Cause = 'configuration'): LoadOutcome => ({
  ok: false,
  cause,
  problems,
  warnings: [],
})

/** Variables alone can be a configuration, in a container; its version is the present one. */
const emptyTree = (): SourceTree => new SourceTree(Object.assign(rawMap(), { version: 1 }))

type Found =
  | { readonly ok: true; readonly file?: string; readonly text?: string }
  | { readonly ok: false; readonly failure: LoadOutcome }

function find({ path, env, cwd }: LoadRequest, files: ConfigFiles): Found {
  const { candidates, named } = lookup(path, env)
  for (const file of candidates) {
    const outcome = readText(files, absolute(file, cwd))
    if (outcome.ok) return { ok: true, file, text: outcome.text }
    if (!named && ABSENT.includes(outcome.code)) continue
    const message = `cannot read the configuration: ${reasonOf(outcome.code)}`
    const problem = problemAt(file, undefined, [], message)
    return { ok: false, failure: failure([problem], causeOf(outcome.code)) }
  }
  if (overrides(env).length > 0) return { ok: true }
  const message = `no configuration found (searched: ${candidates.join(', ')}); name one with --config`
  return { ok: false, failure: failure([problemAt(undefined, undefined, [], message)]) }
}

const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR']

function causeOf(code: string): Cause {
  if (code === 'EACCES' || code === 'EPERM') return 'permission'
  return [...ABSENT, 'not-utf-8'].includes(code) ? 'configuration' : 'io'
}
