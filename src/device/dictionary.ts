import { PatternDictionary, patternValue, type SyncAnnounce, type SyncDiff } from '../alec/index.js'
import { fromHex, toHex } from './hex.js'
import type { Parcel } from './parcel.js'
import { modulo } from './version-track.js'

/** More is no dictionary of a sensor, but an attack or a mistake. */
const MOST_PATTERNS = 256
const MOST_BYTES = 64 * 1024
/** A frame shows so many bits of the version. */
const VERSIONS = 2 ** 24
/** One for all devices that have none. */
const NO_PATTERNS = new PatternDictionary()

export interface DictionaryMemory {
  /** The version that the device's next frame shows if its dictionary is this one; null where it is not known to be. */
  readonly next: number | null
  readonly holds: boolean
  /** Codes and bytes, these in hexadecimal. */
  readonly patterns: readonly (readonly [code: number, bytes: string])[]
}

/**
 * A device's dictionary of patterns, as its SYNC messages tell it. It is believed only while the version that each frame
 * shows is the one that the observations since the last message have led to: an evolution renumbers the patterns, and
 * nobody but the device knows how.
 */
export class DeviceDictionary {
  /** Never changed in place: another one takes its place. */
  #patterns: PatternDictionary = NO_PATTERNS
  #next: number | undefined
  #holds = false

  get size(): number {
    return this.#patterns.size
  }

  /** The number behind a code; undefined where it is unknown, no number, or may be another by now. */
  valueOf(code: number): number | undefined {
    const pattern = this.#holds ? this.#patterns.at(code) : undefined
    return pattern && patternValue(pattern)
  }

  /** The device says what its dictionary is; why this is not it, where that is so. */
  announce({ version, hash, patternCount }: SyncAnnounce): string | undefined {
    if (patternCount === this.size && hash === this.#patterns.hash()) return this.#keep(version)
    return this.#diverge(`the device announces ${patternCount} patterns that are not known here`)
  }

  /** Removes, sets, and believes it if it is the device's then; else why not, and the patterns stay as they were. */
  apply({ version, hash, added, removed }: SyncDiff): string | undefined {
    const patterns = this.#patterns.clone()
    for (const code of removed) patterns.remove(code)
    for (const { code, bytes } of added)
      patterns.set(code, { bytes: bytes.slice(), frequency: 1, lastUsed: 0, createdAt: 0 })
    const excess = excessOf(patterns)
    if (excess !== undefined) return this.#diverge(excess)
    if (patterns.hash() !== hash)
      return this.#diverge('it does not become what the device says: a message is missing')
    this.#patterns = patterns
    return this.#keep(version)
  }

  /** Takes over what is known to be the device's at this version; not what is too big. */
  adopt(patterns: PatternDictionary, version: number): void {
    if (excessOf(patterns) !== undefined) return
    this.#patterns = patterns
    this.#keep(version)
  }

  /** A data frame shows `version`, and adds so many observations to it. */
  follow(version: number, observations: number): void {
    this.#holds = version === this.#next
    this.#next = this.#holds ? modulo(version + observations, VERSIONS) : undefined
  }

  /** Nothing that was known of the device holds. */
  lose(): void {
    this.#next = undefined
    this.#holds = false
  }

  /** Nothing was ever known of one. */
  get isUnheardOf(): boolean {
    return this.#patterns === NO_PATTERNS && this.#next === undefined && !this.#holds
  }

  clear(): void {
    this.#patterns = NO_PATTERNS
    this.#next = undefined
    this.#holds = false
  }

  /** The patterns themselves go along: whoever unpacks has them from then on. */
  pack(parcel: Parcel): void {
    parcel.put(this.#next ?? -1)
    parcel.putFlag(this.#holds)
    parcel.putAside(this.size > 0 ? this.#patterns : undefined)
  }

  unpack(parcel: Parcel): void {
    const next = parcel.take()
    this.#next = next < 0 ? undefined : next
    this.#holds = parcel.takeFlag()
    this.#patterns = parcel.takeAside<PatternDictionary>() ?? NO_PATTERNS
  }

  save(): DictionaryMemory {
    const patterns = this.#patterns.entries()
    return {
      next: this.#next ?? null,
      holds: this.#holds,
      patterns: patterns.map(([code, { bytes }]) => [code, toHex(bytes)] as const),
    }
  }

  restore({ next, holds, patterns }: DictionaryMemory): void {
    this.#next = next ?? undefined
    this.#holds = holds
    const restored = patterns.length === 0 ? NO_PATTERNS : new PatternDictionary()
    for (const [code, text] of patterns)
      restored.set(code, { bytes: fromHex(text), frequency: 1, lastUsed: 0, createdAt: 0 })
    this.#patterns = restored
  }

  #keep(version: number): undefined {
    this.#next = modulo(version, VERSIONS)
    return undefined
  }

  #diverge(why: string): string {
    this.lose()
    return why
  }
}

function excessOf(patterns: PatternDictionary): string | undefined {
  const length = patterns.entries().reduce((sum, [, { bytes }]) => sum + bytes.length, 0)
  if (patterns.size <= MOST_PATTERNS && length <= MOST_BYTES) return undefined
  return `it would have ${patterns.size} patterns of ${length} bytes; at most ${MOST_PATTERNS} of ${MOST_BYTES} are kept`
}
