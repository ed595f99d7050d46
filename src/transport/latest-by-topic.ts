import { SlotLine } from './slot-line.js'

/** Something that is about a topic. */
interface Topical {
  readonly publication: { readonly topic: string }
}

/** One of each topic, in the order of their arrival. */
export class LatestByTopic<T extends Topical> {
  readonly #line = new SlotLine<T>()
  /** Where in the line each topic's is. */
  readonly #slots = new Map<string, number>()

  get size(): number {
    return this.#line.size
  }

  /** The oldest. */
  get first(): T | undefined {
    return this.#line.first
  }

  get(topic: string): T | undefined {
    const slot = this.#slots.get(topic)
    return slot === undefined ? undefined : this.#line.at(slot)
  }

  /** Takes in one of a topic that has none. */
  add(entry: T): void {
    this.#slots.set(entry.publication.topic, this.#line.add(entry))
  }

  delete(topic: string): void {
    const slot = this.#slots.get(topic)
    if (slot === undefined) return
    this.#slots.delete(topic)
    this.#line.remove(slot)
  }
}
