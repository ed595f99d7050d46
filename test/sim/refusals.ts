import { xxh32 } from '../../src/alec/index.js'
import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import { readingsIn } from './subscriber.js'

const WORDS = 2 ** 32
/** So often a publication is refused before it is given up (F-35). */
export const TRIES = 3

/** Readings that a broker does not want, some of them once or twice and some for ever, and how often it has said so. */
export class Refusals {
  readonly #share: number
  readonly #isOver: () => boolean
  readonly #counts = new Map<string, number>()

  /** `share` of all readings, until it is over. */
  constructor(share: number, isOver: () => boolean) {
    this.#share = share
    this.#isOver = isOver
  }

  refuses(message: OutgoingMessage): boolean {
    const readings = this.#share > 0 && !this.#isOver() && readingsIn(message)
    if (!readings) return false
    const { device, document, payload } = readings
    // Of each the same every time.
    const chance = xxh32(new TextEncoder().encode(payload))
    if (chance >= this.#share * WORDS) return false
    const name = `${device}/${document.epoch}/${document.seq}`
    const times = [1, 2, Number.POSITIVE_INFINITY][chance % 3] ?? 1
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count <= times
  }

  /** It came, and was refused. */
  has(name: string): boolean {
    return this.#counts.has(name)
  }

  /** It may be given up. */
  areEnough(name: string): boolean {
    return (this.#counts.get(name) ?? 0) >= TRIES
  }
}
