/** What the broker has kept comes with its grant of the subscription: after so much silence that was all. */
const QUIET_MS = 900
/**
 * Brokers take one packet after the other: what was kept is on its way before a later subscription is granted. Those that
 * look for it meanwhile (EMQX and HiveMQ do) have begun by then.
 */
const FENCED_QUIET_MS = 150
const LONGEST_MS = 30_000

/** Says when all that the broker has kept has come in: it does not tell itself. */
export class Listening {
  readonly #since: number
  #heardAt: number
  #fencedAt: number | undefined
  #isSlow = false

  /** `now`: the subscription has just been granted. */
  constructor(now: number) {
    this.#since = now
    this.#heardAt = now
  }

  /** Something has come that was kept. */
  heard(now: number): void {
    this.#heardAt = now
    // This one sends what it has kept when it comes to it.
    if (this.#fencedAt !== undefined) this.#isSlow = true
  }

  /** A subscription has been granted that was asked for after this one. */
  fence(now: number): void {
    this.#fencedAt ??= now
  }

  /** When it is over, unless more comes. */
  get endsAt(): number {
    const { quietFrom, quietMs } =
      this.#fencedAt !== undefined && !this.#isSlow
        ? { quietFrom: this.#fencedAt, quietMs: FENCED_QUIET_MS }
        : { quietFrom: this.#heardAt, quietMs: QUIET_MS }
    return Math.min(quietFrom + quietMs, this.#since + LONGEST_MS)
  }
}
