import type { z } from 'zod'
import type { Findings } from './findings.js'
import type { Path } from './problem.js'
import type { SourceTree } from './source-tree.js'
import { closest, describe, didYouMean, holdsSecrets, isSecret } from './wording.js'

type Issue = z.core.$ZodIssue

/** Words what the schema found: what was expected, what came, and what was probably meant. */
export function reportIssues(
  issues: readonly Issue[],
  tree: SourceTree,
  findings: Findings,
  under: Path = [],
): void {
  for (const issue of issues) {
    const path = [
      ...under,
      ...issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
    ]
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) findings.keyProblem(...unknownKey(path, key, issue.message))
    } else {
      const branch = issue.code === 'invalid_union' ? deepestBranch(issue.errors) : undefined
      if (branch) reportIssues(branch, tree, findings, path)
      else findings.problem(path, wrongValue(issue, tree, path))
    }
  }
}

/** The alternative that fitted at first and failed further in: its issues say more than "none of these". */
function deepestBranch(branches: readonly Issue[][]): Issue[] | undefined {
  return branches.find((issues) => issues.every(fittedAtFirst))
}

const fittedAtFirst = (issue: Issue): boolean =>
  issue.path.length > 0 || issue.code === 'unrecognized_keys'

function unknownKey(parent: Path, key: string, keys: string): [path: Path, message: string] {
  const known = keys.split(', ')
  // In a section with secrets an unknown key may be one that lost its place: only a near miss is shown.
  const shown = !holdsSecrets(parent) || closest(key, known) !== undefined
  const hint = didYouMean(key, known) || `; known here: ${keys}`
  return shown
    ? [[...parent, key], `unknown key${hint}`]
    : [parent, `unknown key (not shown, for it might be a secret)${hint}`]
}

function wrongValue(issue: Issue, tree: SourceTree, path: Path): string {
  const value = tree.at(path)
  const expected = `expected ${issue.message}`
  if (value === undefined) return `missing: ${expected}`
  if (typeof value === 'string') {
    if (isMisplaced(issue, path)) return `${expected}, got another text (not shown)`
    const words = issue.code === 'invalid_value' ? issue.values.map(String) : []
    return `${expected}, got ${describe(value)}${didYouMean(value, words)}`
  }
  if (isSecret(path)) return `${expected}, got something else (not shown)`
  return `${expected}, got ${describe(value, tree.written(path))}`
}

/** Whether a text may be a secret: by its key, in a URL that is none, or on a line that slipped into a list of maps. */
const isMisplaced = (issue: Issue, path: Path): boolean =>
  isSecret(path) ||
  holdsSecrets(path) ||
  (issue.code === 'invalid_type' && STRUCTURES.has(issue.expected))

const STRUCTURES: ReadonlySet<string> = new Set(['object', 'record', 'array'])
