import type { Undo } from '../clock.js'
import { type TopicMatcher, topicMatcher } from '../topic-filter.js'
import type { IncomingMessage } from './broker-port.js'
import type { ClientMessage } from './client-intake.js'

/** Hears a message, with its number: one that matches several filters comes once per filter. */
export type OnHeard = (message: IncomingMessage, number: number) => void

export interface Ear {
  /** Nobody wants these messages any more. */
  readonly unsubscribe: Undo
  /** We cannot hear them now, and want them when we can: until then nobody may think that we have them. */
  readonly cover: Undo
}

interface Filter {
  readonly matches: TopicMatcher
  readonly ears: Set<OnHeard>
}

/** Our own subscriptions at the broker in this process, and what they keep from being acknowledged. */
export class BrokerEars {
  readonly #filters = new Map<string, Filter>()
  #number = 0

  /** How many filters there are that nobody listens to now. */
  get covered(): number {
    let count = 0
    for (const { ears } of this.#filters.values()) if (ears.size === 0) count++
    return count
  }

  open(filter: string, onHeard: OnHeard): Ear {
    const known = this.#filters.get(filter) ?? { matches: topicMatcher(filter), ears: new Set() }
    this.#filters.set(filter, known)
    // The same function may listen twice.
    const ear: OnHeard = (message, number) => onHeard(message, number)
    known.ears.add(ear)
    const cover = () => known.ears.delete(ear)
    return {
      cover,
      unsubscribe: () => {
        cover()
        if (known.ears.size === 0 && this.#filters.get(filter) === known)
          this.#filters.delete(filter)
      },
    }
  }

  /** Whether a message would be heard by nobody, though it is wanted. */
  isDeafTo(topic: string): boolean {
    for (const { matches, ears } of this.#filters.values()) {
      if (ears.size === 0 && matches(topic)) return true
    }
    return false
  }

  /**
   * Shows a message to whoever listens to its topic; `settled` comes once nobody holds its acknowledgement back.
   * Where there is none, it cannot be held back, and nobody need wait.
   */
  show({ topic, payload, qos, from }: ClientMessage, settled?: () => void): void {
    let holds = 1
    const release = () => {
      if (--holds === 0) settled?.()
    }
    const hold = () => {
      holds++
      let held = true
      return () => {
        if (!held) return
        held = false
        release()
      }
    }
    const canHold = settled && qos > 0 ? { hold } : {}
    const message: IncomingMessage = { topic, payload, qos, retain: false, from, ...canHold }
    const number = ++this.#number
    for (const { matches, ears } of this.#filters.values()) {
      if (ears.size === 0 || !matches(topic)) continue
      for (const onHeard of [...ears]) onHeard(message, number)
    }
    release()
  }
}
