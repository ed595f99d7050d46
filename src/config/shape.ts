import type { z } from 'zod'
import { Findings } from './findings.js'
import { formatProblem } from './problem.js'
import { reportIssues } from './schema-problems.js'
import { SourceTree } from './source-tree.js'

/** What a document must look like. */
export type Shape<T> = z.ZodType<T>

export type Shaped<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Holds a document from outside against a shape; its problems are worded as those of a configuration. */
export function checkShape<T>(shape: Shape<T>, document: unknown): Shaped<T> {
  const parsed = shape.safeParse(document)
  if (parsed.success) return { ok: true, value: parsed.data }
  const tree = new SourceTree(document)
  const findings = new Findings(tree)
  reportIssues(parsed.error.issues, tree, findings)
  return { ok: false, problems: findings.problems.map(formatProblem) }
}
