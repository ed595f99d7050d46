import type { Publication } from '../outputs/publication.js'

export interface PoisonPolicy {
  /** Connections lost with the same publication as the oldest on its way: from then on it is sent alone. */
  readonly losses: number
  /** Connections lost at once with it alone on its way: it is given up. */
  readonly tries: number
  /** What is lost later than this after it was sent has another reason. */
  readonly atOnceMs: number
  /** A topic whose state was given up is tried again after this. */
  readonly forgetMs: number
  /** So often within `hasteMs` it is worth connecting again at once, if nothing comes of it. */
  readonly hastes: number
  readonly hasteMs: number
}

export const defaultPoisonPolicy: PoisonPolicy = Object.freeze({
  losses: 2,
  tries: 3,
  atOnceMs: 2000,
  forgetMs: 600_000,
  hastes: 10,
  hasteMs: 60_000,
})

/** What MQTT 5 says of it. */
const QUOTA_EXCEEDED = 0x97
/** So many given up are remembered. */
const REMEMBERED = 1000

/**
 * Finds the publication that makes a broker close the connection: without a reason code (MQTT 3.1.1) nothing else tells.
 * The oldest that was not acknowledged is suspected, then sent alone, then given up, so that the others can pass. A broker
 * that takes nothing at all is another story: readings are given up only as long as others pass.
 */
export class PoisonWatch {
  readonly #policy: PoisonPolicy
  readonly #givenUp = new Map<string, number>()
  #suspect: string | undefined
  #losses = 0
  #tries = 0
  /** Something was taken since readings were given up last. */
  #othersPass = true
  /** When it was worth connecting again at once since somebody was given up. */
  #hastes: readonly number[] = []

  constructor(policy: PoisonPolicy = defaultPoisonPolicy) {
    this.#policy = policy
  }

  /** Publications have to be sent one at a time. */
  get isolating(): boolean {
    return this.#suspect !== undefined && this.#losses >= this.#policy.losses
  }

  /**
   * Whether it is worth connecting again at once, now that a connection is lost: somebody is suspected. Where it is
   * somebody else every time nobody is found, and the broker shall not be run over.
   */
  hastens(now: number): boolean {
    const { hastes, hasteMs } = this.#policy
    if (this.#suspect === undefined) return false
    const lately = this.#hastes.filter((at) => now - at < hasteMs)
    if (lately.length >= hastes) return false
    this.#hastes = [...lately, now]
    return true
  }

  /**
   * The connection was lost with this publication as the oldest on its way, `afterMs` after it was sent. Returns whether
   * it is given up.
   */
  lost(oldest: Publication | undefined, afterMs: number, now: number): boolean {
    if (!oldest || afterMs > this.#policy.atOnceMs) {
      this.#clear()
      return false
    }
    const key = keyOf(oldest)
    if (key !== this.#suspect) {
      this.#clear()
      this.#suspect = key
    }
    if (this.isolating) this.#tries++
    else this.#losses++
    if (this.#tries < this.#policy.tries) return false
    const isReadings = oldest.whileAway !== 'latest'
    if (isReadings && !this.#othersPass) return false
    this.giveUp(oldest, now)
    this.#hastes = []
    if (isReadings) this.#othersPass = false
    return true
  }

  /** The broker has taken a publication. */
  taken(publication: Publication): void {
    if (publication.qos > 0) this.#othersPass = true
    if (this.#suspect !== undefined && keyOf(publication) === this.#suspect) this.#clear()
  }

  /**
   * The broker has refused it again and again. Returns whether it is given up: an exceeded quota need not be its own fault,
   * and counts only as long as others pass.
   */
  refused(publication: Publication, reason: number | undefined, now: number): boolean {
    if (reason === QUOTA_EXCEEDED) {
      if (!this.#othersPass) return false
      this.#othersPass = false
    }
    if (publication.whileAway !== 'latest') this.giveUp(publication, now)
    return true
  }

  /** From now on it counts as given up. */
  giveUp(publication: Publication, now: number): void {
    this.#clear()
    this.#givenUp.set(keyOf(publication), now)
    if (this.#givenUp.size <= REMEMBERED) return
    for (const [oldest] of this.#givenUp) {
      this.#givenUp.delete(oldest)
      return
    }
  }

  get hasGivenUp(): boolean {
    return this.#givenUp.size > 0
  }

  isGivenUp(publication: Publication, now: number): boolean {
    const key = keyOf(publication)
    const since = this.#givenUp.get(key)
    if (since === undefined) return false
    if (publication.whileAway !== 'latest' || now - since < this.#policy.forgetMs) return true
    this.#givenUp.delete(key)
    return false
  }

  #clear(): void {
    this.#suspect = undefined
    this.#losses = 0
    this.#tries = 0
  }
}

/** A state is the same one whatever it says by now. */
const keyOf = ({ topic, payload, whileAway }: Publication): string =>
  whileAway === 'latest' ? topic : `${topic}\n${payload}`
