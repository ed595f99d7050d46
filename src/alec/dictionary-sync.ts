import type { Context } from './context.js'
import { type Fault, faultOf } from './fault.js'
import { maxPatterns } from './patterns.js'
import type { SyncAnnounce, SyncDiff } from './sync.js'

/** What a device says of its dictionary, so that the other end can compare. */
export const announceOf = (context: Context): SyncAnnounce => ({
  type: 'announce',
  version: context.version,
  hash: context.hash(),
  patternCount: context.patternCount,
})

/**
 * Removes, sets and takes the new version, if the dictionary then has the hash that the diff promises.
 * Else the two ends have diverged: a fault, and the context stays as it was.
 */
export function applyDiff(context: Context, diff: SyncDiff): Fault | undefined {
  const patterns = context.patterns()
  for (const code of diff.removed) patterns.remove(code)
  for (const { code, bytes } of diff.added) {
    patterns.set(code, { bytes: bytes.slice(), frequency: 1, lastUsed: 0, createdAt: 0 })
  }
  if (patterns.size > maxPatterns) {
    return faultOf('too-large', 0, `${patterns.size} patterns; at most ${maxPatterns} was expected`)
  }
  const hash = patterns.hash()
  if (hash !== diff.hash) {
    return faultOf(
      'diverged',
      0,
      `the dictionary's hash is ${hex(hash)} after the diff; ${hex(diff.hash)} was expected`,
    )
  }
  context.adopt(patterns, diff.version)
  return undefined
}

const hex = (hash: bigint): string => hash.toString(16).padStart(16, '0')
