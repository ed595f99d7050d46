import type { Path, Place } from './problem.js'

/** A map as read: no prototype, so that no key of a file can mean more than it says. */
export type RawMap = Record<string, unknown>

/** Where a value and its key were written, and how. */
export interface Mark {
  readonly value?: Place
  readonly key?: Place
  /** The scalar's own text, which for `0403` or `0.10` is more than its value. */
  readonly written?: string
}

export type Marked = readonly [Path, Mark]

/**
 * Devices may be a hundred thousand, of which hardly one is wrong.
 * measured: their places take 70 MB and a tenth of the time that it takes to read them.
 */
export const isLeftUnread = (path: Path): boolean => path.length > 1 && path[0] === 'devices'

export const rawMap = (): RawMap => Object.create(null) as RawMap

export const isRawMap = (value: unknown): value is RawMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A configuration as it was written, before anything is known to be right: values with their places. */
export class SourceTree {
  readonly root: unknown
  readonly #marks = new Map<string, Mark>()
  #unread: (() => Iterable<Marked>) | undefined

  /** `unread` finds the marks of what `isLeftUnread`: it is asked only where something has to be said of that. */
  constructor(root: unknown, unread?: () => Iterable<Marked>) {
    this.root = root
    this.#unread = unread
  }

  mark(path: Path, mark: Mark): void {
    this.#marks.set(markKey(path), mark)
  }

  /** Writes a value where its surroundings are there to take it. */
  put(path: Path, value: unknown, mark: Mark): void {
    const parent = this.at(path.slice(0, -1))
    const step = path.at(-1)
    if (step === undefined || (!isRawMap(parent) && !Array.isArray(parent))) return
    ;(parent as RawMap)[step] = value
    this.mark(path, mark)
  }

  at(path: Path): unknown {
    let value: unknown = this.root
    for (const step of path) {
      if (!isRawMap(value) && !Array.isArray(value)) return undefined
      value = Object.hasOwn(value, step) ? (value as RawMap)[step] : undefined
    }
    return value
  }

  /** Where the value stands; for one that is missing, where its nearest surroundings begin. */
  placeOf(path: Path): Place | undefined {
    const own = this.#markOf(path)
    return own?.value ?? this.keyPlaceOf(path)
  }

  /** Where the value's key stands; for an item of a list, the item. */
  keyPlaceOf(path: Path): Place | undefined {
    for (let length = path.length; length >= 0; length--) {
      const mark = this.#markOf(path.slice(0, length))
      const place = mark?.key ?? mark?.value
      if (place) return place
    }
    return undefined
  }

  /** A scalar as it was written; a number that was never text, as it prints. */
  written(path: Path): string | undefined {
    const written = this.#markOf(path)?.written
    if (written !== undefined) return written
    const value = this.at(path)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }

  #markOf(path: Path): Mark | undefined {
    const unread = this.#unread
    if (unread && isLeftUnread(path)) {
      this.#unread = undefined
      // What was marked since counts: a variable may have written over it.
      for (const [at, mark] of unread()) if (!this.#marks.has(markKey(at))) this.mark(at, mark)
    }
    return this.#marks.get(markKey(path))
  }
}

// Keys may hold any character, so only an unambiguous form will do.
const markKey = (path: Path): string => JSON.stringify(path)
