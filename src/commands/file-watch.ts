import { type Stats, statSync } from 'node:fs'
import { type Clock, setRepeating, type Undo } from '../clock.js'

const PERIOD_MS = 1000

/** What of a file tells one version of it from another; undefined where it is not there. */
export type Look = (path: string) => string | undefined

/**
 * Calls `onChange` when a file is another one than before and has stayed so for a second: not in the middle of a write,
 * nor in the moment in which an editor has taken it away to put another in its place. It is looked at by its path, so
 * that links and network drives make no difference.
 */
export function watchFile(
  path: string,
  onChange: () => void,
  clock: Clock,
  look: Look = looksOf,
): Undo {
  let settled = look(path)
  let before = settled
  return setRepeating(clock, PERIOD_MS, () => {
    const now = look(path)
    const isSteady = now === before
    before = now
    if (!isSteady || now === undefined || now === settled) return
    settled = now
    onChange()
  })
}

function looksOf(path: string): string | undefined {
  const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false })
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
}
