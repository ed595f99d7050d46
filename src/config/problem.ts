/** Where a value stands, from the top of the configuration: keys of maps and indices of lists. */
export type Path = readonly (string | number)[]

/** Where something was written: in the file (both from 1), or in an environment variable. */
export type Place =
  | { readonly line: number; readonly column: number }
  | { readonly variable: string }

/** Something wrong, or doubtful, in a configuration; never holds a secret. */
export interface Problem {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The environment variable that it came in by, in place of file, line and column. */
  readonly variable?: string
  /** `models.climate.channels[0].min`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

/** A path as people write it: `sources[1].serial.devices.7`, odd keys in quotes. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (!/^[\w-]{1,64}$/.test(step)) text += `[${quoted(step)}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** Puts a problem together from its parts; `undefined` parts are left out. */
export function problemAt(
  file: string | undefined,
  place: Place | undefined,
  path: Path,
  message: string,
): Problem {
  const where =
    place && 'variable' in place ? place : { ...(file !== undefined && { file }), ...place }
  return { ...where, path: formatPath(path), message }
}

/** `file:line:column: path: message`, with the variable's name in place of the file where one brought it. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, variable, path, message } = problem
  const position = line === undefined ? file : `${file ?? 'configuration'}:${line}:${column}`
  return [variable ?? position, path, message]
    .filter((part) => part !== undefined && part !== '')
    .join(': ')
}

/** In the order of the file; what has no place in it comes last, in the order in which it was found. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const lineOf = (problem: Problem) => problem.line ?? Number.MAX_SAFE_INTEGER
  return [...problems].sort((a, b) => lineOf(a) - lineOf(b) || (a.column ?? 0) - (b.column ?? 0))
}

const LONGEST_QUOTE = 64

/** Text that came from outside, on one line, cut, with control characters escaped. */
export function quoted(text: string): string {
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text
  // JSON leaves the C1 controls and the line separators as they are; terminals obey them.
  return JSON.stringify(cut).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
