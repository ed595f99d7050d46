import type { Publication } from '../outputs/publication.js'
import { queuedBytes } from './publication-queue.js'

/** All that is retained, on its way to a broker that has just been reached. */
export class Birth {
  /** What was submitted before this one, the birth supersedes. */
  readonly serial: number
  readonly #publications: Iterator<Publication>
  #saidBytes = 0
  #spokeLast = false

  constructor(publications: Iterable<Publication>, serial: number) {
    this.serial = serial
    this.#publications = publications[Symbol.iterator]()
  }

  /** Undefined at its end. */
  next(): Publication | undefined {
    const next = this.#publications.next()
    if (next.done) return undefined
    this.#saidBytes += queuedBytes(next.value)
    this.#spokeLast = true
    return next.value
  }

  /** Whether it has said so much. */
  hasSaid(bytes: number): boolean {
    return this.#saidBytes >= bytes
  }

  /** Whether it is the turn of something else. */
  get spokeLast(): boolean {
    return this.#spokeLast
  }

  /** Something else has left. */
  yieldTurn(): void {
    this.#spokeLast = false
  }
}
