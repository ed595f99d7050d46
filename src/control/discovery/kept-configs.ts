import type { KeptConfig } from '../../outputs/index.js'

/** More leftovers than this are cleared in the next run. */
const MOST_LEFTOVERS = 10_000

/** What the broker is said to keep on discovery topics, as far as it is of any interest to us. */
export class KeptConfigs {
  readonly #others = new Set<string>()
  readonly #former = new Map<string, ReadonlyMap<string, string>>()
  readonly #leftovers = new Map<string, KeptConfig>()

  /** Topics that we would write on, were they not somebody else's. */
  get others(): ReadonlySet<string> {
    return this.#others
  }

  /** What we know was of a connection that is gone. */
  forget(): void {
    this.#others.clear()
    this.#former.clear()
    this.#leftovers.clear()
  }

  /** A topic that we would write on is somebody else's; true where that is news. */
  noteOther(topic: string): boolean {
    const isNews = !this.#others.has(topic)
    this.#others.add(topic)
    return isNews
  }

  /** A topic that we write on is nobody else's. */
  noteOurs(topic: string): void {
    this.#others.delete(topic)
  }

  /** What we write on this topic replaces these entities, by key and platform. */
  noteFormer(topic: string, components: ReadonlyMap<string, string>): void {
    this.#former.set(topic, components)
  }

  /** The entities that have to be removed on this topic, once: those it had and has no more. */
  takeGone(topic: string, now: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const former = this.#former.get(topic)
    this.#former.delete(topic)
    const gone = new Map<string, string>()
    for (const [key, platform] of former ?? []) if (!now.has(key)) gone.set(key, platform)
    return gone
  }

  /** Ours, of something that we do not announce. */
  noteLeftover(topic: string, config: KeptConfig): void {
    if (this.#leftovers.size < MOST_LEFTOVERS) this.#leftovers.set(topic, config)
  }

  /** Leftovers, at most so many; they are not kept in mind any longer. */
  takeLeftovers(most: number): readonly (readonly [topic: string, config: KeptConfig])[] {
    const taken = [...this.#leftovers].slice(0, most)
    for (const [topic] of taken) this.#leftovers.delete(topic)
    return taken
  }
}
