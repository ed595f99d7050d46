import { isScalar, parseDocument } from 'yaml'
import type { Path } from './problem.js'
import { isRawMap, rawMap, type SourceTree } from './source-tree.js'
import { isSecret } from './wording.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** A variable that fits nowhere. */
export interface VariableFault {
  readonly variable: string
  readonly message: string
}

const PREFIX = 'ALEC_BRIDGE__'
/** Where a number that follows counts items; anywhere else it is a key, such as an address. */
const LISTS: ReadonlySet<string> = new Set(['sources', 'channels', 'url', 'users', 'pin'])
/** Keys of the broker that exclude others: a variable with one of these replaces what the file says instead. */
const REPLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['url', ['embedded']],
  ['embedded', ['url', 'username', 'password', 'password_file', 'client_id', 'protocol', 'tls']],
  ['password_file', ['password']],
])

/** The variables that override something; an empty one counts as not set, as compose files mean it. */
export const overrides = (env: Environment): readonly (readonly [name: string, value: string])[] =>
  Object.entries(env)
    .filter((entry): entry is [string, string] => entry[0].startsWith(PREFIX) && !!entry[1])
    // By number, so that a list can be continued by items 9, 10, 11.
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))

/** Writes `ALEC_BRIDGE__BROKER__URL` and its like into the tree; a double underscore is one level. */
export function applyEnvironment(tree: SourceTree, env: Environment): VariableFault[] {
  const faults: VariableFault[] = []
  for (const [variable, text] of overrides(env)) {
    const message = override(tree, variable, text)
    if (message !== undefined) faults.push({ variable, message })
  }
  return faults
}

function override(tree: SourceTree, variable: string, text: string): string | undefined {
  const segments = variable.slice(PREFIX.length).split('__')
  if (segments.some((segment) => segment === '')) return 'a level of the name is empty'
  const path: (string | number)[] = []
  for (const [index, segment] of segments.entries()) {
    // A section that is there but empty is made like one that is not there.
    if (index > 0 && (tree.at(path) ?? null) === null) {
      tree.put(path, containerOf(path, segment), { value: { variable }, key: { variable } })
    }
    const step = stepInto(tree.at(path), segment)
    if (typeof step === 'object') return `${where(path)} ${step.fault}`
    path.push(step)
  }
  if (isSecret(path) && !/_file$/.test(String(path.at(-1)))) {
    return `secrets do not come by variables: put it into a file, and its path into ${variable}_FILE`
  }
  const { value, written } = readScalar(text)
  tree.put(path, value, { value: { variable }, key: { variable }, written })
  if (path[0] === 'broker') replaceBroker(tree.at(['broker']), String(path[1]))
  return undefined
}

const where = (path: Path): string => (path.length === 0 ? 'the file' : path.join('.'))

const containerOf = (path: Path, following: string): unknown =>
  LISTS.has(String(path.at(-1))) && /^\d+$/.test(following) ? [] : rawMap()

type Step = string | number | { readonly fault: string }

/** The key that a segment means: variables have no lower case and no `-`, so an existing one is looked for. */
function stepInto(parent: unknown, segment: string): Step {
  if (Array.isArray(parent)) {
    const index = Number(segment)
    if (!/^\d{1,6}$/.test(segment)) return { fault: `is a list: expected an index, got ${segment}` }
    return index <= parent.length
      ? index
      : { fault: `has ${parent.length} items: item ${segment} would leave a gap` }
  }
  if (!isRawMap(parent)) return { fault: 'is a single value, no map' }
  if (Object.hasOwn(parent, segment)) return segment
  const likened = Object.keys(parent).filter((key) => asVariable(key) === asVariable(segment))
  if (likened.length > 1)
    return { fault: `has several keys that this could be: ${likened.join(', ')}` }
  return likened[0] ?? segment.toLowerCase()
}

const asVariable = (key: string): string => key.toLowerCase().replaceAll('-', '_')

function replaceBroker(broker: unknown, key: string): void {
  if (!isRawMap(broker)) return
  for (const other of REPLACES.get(key) ?? []) delete broker[other]
}

/** Reads a value as a YAML scalar (`5`, `true`, `'5'`); whatever is none is the text that it is. */
function readScalar(text: string): { readonly value: unknown; readonly written: string } {
  const written = text.trim()
  // Beyond these lengths and characters nothing is a number, a truth or a quoted scalar that means one.
  if (written.length <= 256 && !/[[\]{}\r\n]/.test(written)) {
    const document = parseDocument(written, { version: '1.2', prettyErrors: false })
    const { contents, errors, warnings } = document
    if (isScalar(contents) && errors.length + warnings.length === 0) {
      const whole = contents.type !== 'PLAIN' || contents.source === written
      if (whole && !contents.anchor && !contents.tag) return { value: contents.value, written }
    }
  }
  return { value: text, written }
}
