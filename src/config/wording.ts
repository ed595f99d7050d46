import { distance } from 'fastest-levenshtein'
import { type Path, quoted } from './problem.js'

/** What came, in words. `written` is how a number stood in the file, where that differs from how it prints. */
export function describe(value: unknown, written?: string): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return `the text ${quoted(value)}`
  if (typeof value === 'number') {
    const differs = written !== undefined && written !== String(value)
    return `the number ${value}${differs ? ` (written ${quoted(written)})` : ''}`
  }
  if (typeof value === 'boolean') return String(value)
  const empty = Object.keys(value).length === 0
  return `${empty ? 'an empty' : 'a'} ${Array.isArray(value) ? 'list' : 'map'}`
}

/** Whether what stands there may be a secret, and is not shown. */
export const isSecret = (path: Path): boolean =>
  /pass|secret|token|credential/i.test(String(path.findLast((step) => typeof step === 'string')))

/** Whether a section holds secrets, so that not even an unknown key in it is shown: it may be one, misplaced. */
export const holdsSecrets = (path: Path): boolean => path[0] === 'broker' || path[0] === 'cluster'

/** `; did you mean x?` where one of `candidates` is close to `word`, else nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = closest(word, candidates)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** The candidate that `word` was most likely meant to be; case, `-` and `_` do not count. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const from = folded(word)
  // The distance takes time proportional to both lengths, and nobody means a name by a novel.
  if (from.length > 80) return undefined
  let best: string | undefined
  // Among short names everything is close to everything.
  let least =
    from.length < 4 ? Math.floor(from.length / 3) + 1 : Math.max(2, Math.floor(from.length / 3)) + 1
  for (const candidate of candidates) {
    const steps = distance(from, folded(candidate))
    if (steps < least) {
      best = candidate
      least = steps
    }
  }
  return best
}

/** A name without what people get wrong in it; variables cannot hold a `-` or lower case at all. */
export const folded = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '')

/** `a, b or c`. */
export function alternatives(words: readonly (string | number)[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? String(last) : `${words.slice(0, -1).join(', ')} or ${last}`
}
