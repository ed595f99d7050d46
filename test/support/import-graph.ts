import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Token, tokenize } from './source-tokens.js'

/** A source text with its path from the project's root, slashes forward. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export interface Import {
  /** As written. */
  readonly specifier: string
  /** The path of the imported file for a relative specifier, else the package: `mqtt`, `@scope/name`, `node:fs`. */
  readonly target: string
  readonly relative: boolean
  /** `import type` or `export type`: nothing of it is left at run time. */
  readonly typesOnly: boolean
  /** `export *`: the barrel does not say what it hands on. */
  readonly exportsAll: boolean
  readonly line: number
}

/** All TypeScript files below these folders, or at these paths; what does not exist is left out. */
export function readSources(root: string, ...folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => filesBelow(root, folder))
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function filesBelow(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesBelow(root, path) : [path]
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Every import of a file: static, type, side effect, re-export, `import()`, `require()`. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const tokens = tokenize(text)
  const imports: Import[] = []
  tokens.forEach((token, index) => {
    if (token.kind !== 'word' || isMember(tokens, index)) return
    const found = specifierAfter(tokens, index)
    if (found === undefined) return
    const relative = found.specifier.startsWith('.')
    imports.push({
      ...found,
      relative,
      target: relative ? resolved(path, found.specifier) : packageOf(found.specifier),
      line: token.line,
    })
  })
  return imports
}

type Found = Pick<Import, 'specifier' | 'typesOnly' | 'exportsAll'>

function specifierAfter(tokens: readonly Token[], index: number): Found | undefined {
  const word = tokens[index]?.text
  const next = tokens[index + 1]
  if ((word === 'import' || word === 'require') && next?.text === '(') {
    const argument = tokens[index + 2]
    // What is put together at run time cannot be checked, so it is an import of something unknown.
    const specifier = argument?.kind === 'string' ? argument.text : '(computed)'
    return { specifier, typesOnly: false, exportsAll: false }
  }
  if (word === 'import' && next?.kind === 'string') {
    return { specifier: next.text, typesOnly: false, exportsAll: false }
  }
  if (word !== 'import' && word !== 'export') return undefined

  const clause = tokens[index + 2]?.text
  // `import type from './x.js'` imports a default that is called `type`.
  const typesOnly = next?.text === 'type' && clause !== 'from' && clause !== ','
  const from = endOfClause(tokens, index + (typesOnly ? 2 : 1))
  const specifier = tokens[from + 1]
  if (tokens[from]?.text !== 'from' || specifier?.kind !== 'string') return undefined
  const exportsAll = word === 'export' && (typesOnly ? clause : next?.text) === '*'
  return { specifier: specifier.text, typesOnly, exportsAll }
}

/** Past `a`, `{ … }`, `* as a` and `a, { … }`; what follows is `from`, or this was no import. */
function endOfClause(tokens: readonly Token[], start: number): number {
  let at = start
  let depth = 0
  for (; at < tokens.length; at++) {
    const { text, kind } = tokens[at]!
    if (text === '{') depth++
    else if (text === '}') depth--
    else if (depth === 0 && text === 'from' && tokens[at + 1]?.kind === 'string') break
    else if (!(kind === 'word' || text === ',' || text === '*' || depth > 0)) break
  }
  return at
}

const isMember = (tokens: readonly Token[], index: number): boolean =>
  tokens[index - 1]?.text === '.'

/** NodeNext specifiers name the emitted file: `./frame.js` is `frame.ts`. */
const resolved = (importer: string, specifier: string): string =>
  posix.join(posix.dirname(importer), specifier).replace(/\.([cm]?)js(x?)$/, '.$1ts$2')

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')

/** Every import cycle's files, once each: groups of files that all reach each other. */
export function importCycles(sources: readonly SourceFile[]): string[][] {
  const targets = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source).flatMap(({ relative, target }) => (relative ? [target] : [])),
    ]),
  )
  const reachable = new Map<string, Set<string>>()
  for (const path of targets.keys()) {
    const seen = new Set<string>()
    const open = [...(targets.get(path) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(targets.get(next) ?? []))
    }
    reachable.set(path, seen)
  }
  const circular = [...reachable.keys()].filter((path) => reachable.get(path)?.has(path))
  const groups = circular.map((path) =>
    circular.filter((other) => reachable.get(path)?.has(other) && reachable.get(other)?.has(path)),
  )
  return groups.filter((group, index) => group[0] === circular[index])
}
