import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { planFleet, type ScenarioPath } from './plan.js'
import { type Scenario, scenarioSchema } from './schema.js'

/** One thing that is wrong with a scenario file. */
export interface ScenarioProblem {
  /** Where, as `devices[2].interval`; empty for the whole file. */
  readonly path: string
  /** What is wrong, and what came instead. */
  readonly message: string
  /** From 1; 0 where the place is not known. */
  readonly line: number
  readonly column: number
}

export type ScenarioResult =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly ScenarioProblem[] }

/** Reads a scenario file's text; every problem at once. */
export function parseScenario(text: string): ScenarioResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const place = (offset: number | undefined) => {
    if (offset === undefined) return { line: 0, column: 0 }
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({
      path: '',
      message: message.split('\n')[0] ?? message,
      ...place(pos[0]),
    }))
    return { ok: false, problems }
  }
  const result = readScenario(document.toJS())
  if (result.ok) return result
  const problems = result.problems.map(({ path, message }) => ({
    path: pathText(path),
    message,
    ...place(offsetOf(document, path)),
  }))
  return { ok: false, problems }
}

/** Takes a scenario that is no file: the same keys in a plain object. */
export function readScenario(
  value: unknown,
):
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly { path: ScenarioPath; message: string }[] } {
  const parsed = scenarioSchema.safeParse(value, { reportInput: true })
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.flatMap((issue) => wording(issue)) }
  }
  const { problems } = planFleet(parsed.data)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, scenario: parsed.data }
}

/** `line:column: path: message`, for people. */
export function problemText({ path, message, line, column }: ScenarioProblem): string {
  return [...(line > 0 ? [`${line}:${column}`] : []), ...(path ? [path] : []), message].join(': ')
}

type Issue = z.core.$ZodIssue

function wording(
  issue: Issue,
  under: ScenarioPath = [],
): { path: ScenarioPath; message: string }[] {
  const path = [...under, ...issue.path.map((key) => (typeof key === 'symbol' ? '' : key))]
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue.errors)
    if (closest) return closest.flatMap((inner) => wording(inner, path))
  }
  if (issue.code === 'unrecognized_keys') return [{ path, message: issue.message }]
  const message = issue.message.replace(/, received [^,]*$/, '')
  return [{ path, message: `${message}, not ${shown(issue.input)}` }]
}

/** Of the forms that a value may have, the one that it nearly has: it is wrong inside only, or in value only. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return (
    branches.find((issues) => issues.every(({ path }) => path.length > 0)) ??
    branches.find((issues) => issues.every(({ code }) => code === 'invalid_value'))
  )
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function pathText(path: ScenarioPath): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${key}`))
    .join('')
}

/** Where in the text the value at `path` is, or the nearest thing around it that is there. */
function offsetOf(
  document: ReturnType<typeof parseDocument>,
  path: ScenarioPath,
): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return Number(node.range[0])
    }
  }
  return undefined
}
