/** Something on its way, or refused. */
interface Entry {
  readonly publication: { readonly topic: string }
  /** Order of arrival. */
  readonly serial: number
  /** Where somebody waits for it. */
  readonly settled?: (() => void) | undefined
  /** How often it was refused. */
  readonly refusals: number
}

interface Held<T> {
  readonly since: number
  /** In the order of their arrival: what was refused, and behind it what is not to overtake that. */
  line: T[]
}

/** Longer than this nothing waits for the further tries of others. */
const MOST_MS = 3000
/** Topics of which nothing passes that are remembered. */
const REMEMBERED = 1000

/**
 * What the broker has refused and is to get once more, by topic, with what came later: that waits, so that the refused one
 * is not overtaken. Of a held topic no more than one is on its way. A topic of which nothing passes any more is not held:
 * there is no order to keep.
 */
export class HeldTopics<T extends Entry> {
  readonly #topics = new Map<string, Held<T>>()
  /** The last of them that had an answer was given up. */
  readonly #hopeless = new Set<string>()
  #size = 0
  #awaited = 0

  /** Entries that wait here. */
  get size(): number {
    return this.#size
  }

  /** How many of them somebody waits for. */
  get awaited(): number {
    return this.#awaited
  }

  get isHolding(): boolean {
    return this.#topics.size > 0
  }

  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Holds the topic of an entry that was refused; false where that is not worth it. */
  refuse(entry: T, now: number): boolean {
    const { topic } = entry.publication
    if (this.#hopeless.has(topic)) return false
    const held = this.#topics.get(topic) ?? { since: now, line: [] }
    this.#topics.set(topic, held)
    // Several may have been on their way together: each has its place.
    const behind = held.line.findIndex(({ serial }) => serial > entry.serial)
    held.line.splice(behind < 0 ? held.line.length : behind, 0, entry)
    this.#count(entry, 1)
    return true
  }

  /** Sets an entry of a held topic aside. */
  wait(entry: T): void {
    this.#topics.get(entry.publication.topic)?.line.push(entry)
    this.#count(entry, 1)
  }

  /** Takes out what is to be sent again next; undefined where nothing of the topic has to wait any longer. */
  next(topic: string, now: number): T | undefined {
    const held = this.#topics.get(topic)
    const first = held?.line[0]
    if (!held || !first || first.refusals === 0 || now - held.since >= MOST_MS) return undefined
    if (this.#hopeless.has(topic)) return undefined
    held.line.shift()
    this.#count(first, -1)
    return first
  }

  /** Lets go all that waits of a topic, in its order. */
  release(topic: string): readonly T[] {
    const line = this.#topics.get(topic)?.line ?? []
    this.#topics.delete(topic)
    for (const entry of line) this.#count(entry, -1)
    return line
  }

  /** Forgets everything, and lets go all that waits. */
  releaseAll(): readonly T[] {
    this.#hopeless.clear()
    return [...this.#topics.keys()].flatMap((topic) => this.release(topic))
  }

  /** Takes the entries out that are like this. */
  takeOut(isLike: (entry: T) => boolean): readonly T[] {
    const taken: T[] = []
    for (const held of this.#topics.values()) {
      taken.push(...held.line.filter(isLike))
      held.line = held.line.filter((entry) => !isLike(entry))
    }
    for (const entry of taken) this.#count(entry, -1)
    return taken
  }

  /** One of a topic was given up: the others are no better, as far as anybody knows. */
  giveUp(topic: string): void {
    this.#hopeless.add(topic)
    if (this.#hopeless.size <= REMEMBERED) return
    for (const oldest of this.#hopeless) {
      this.#hopeless.delete(oldest)
      return
    }
  }

  /** The broker has taken one of a topic. */
  taken(topic: string): void {
    if (this.#hopeless.size > 0) this.#hopeless.delete(topic)
  }

  #count({ settled }: T, sign: 1 | -1): void {
    this.#size += sign
    if (settled !== undefined) this.#awaited += sign
  }
}
