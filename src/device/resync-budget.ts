/** How many keyframe requests a device and the whole bridge may send. */
export interface ResyncPolicy {
  /** Least time between two requests to one device, by the kind of its door. */
  readonly minIntervalMs: { readonly line: number; readonly mqtt: number }
  /** Requests to one device in any 24 hours; unlimited where absent. */
  readonly perDay?: number
  /** Requests of the whole bridge. */
  readonly bridgePerSecond: number
}

export const defaultResyncPolicy: ResyncPolicy = Object.freeze({
  minIntervalMs: Object.freeze({ line: 1000, mqtt: 60_000 }),
  bridgePerSecond: 5,
})

const DAY_MS = 86_400_000
/** One request in so many goes to whoever has waited longest, whatever it brings: nobody waits for ever. */
const TURN_OF_THE_OLDEST = 4

/** Requests of one device that count towards its budgets. */
interface Spent {
  lastMono: number
  dayStart: number
  today: number
}

/** A keyframe that a device should be asked for. */
export interface ResyncWish {
  readonly device: string
  readonly door: 'line' | 'mqtt'
  /** Good readings a second that a request is expected to bring. */
  readonly gain: number
  /** After this time (monotonic milliseconds) nobody needs it any more. */
  readonly until: number
}

/**
 * Decides which keyframe requests leave: so that a flood of losses (a gateway was away) asks for a few at a time and
 * dear downlinks are not wasted. A device whose own budget is spent is refused, and asks again with its next frame. Where
 * the bridge's is, wishes wait and compete: the one that brings most goes first, and now and then the one that has waited
 * longest. All times are monotonic milliseconds.
 */
export class ResyncBudget {
  #policy: ResyncPolicy
  readonly #spent = new Map<string, Spent>()
  readonly #waiting = new Map<string, ResyncWish>()
  #tokens: number
  #refilled = 0
  #refused = 0
  #drawn = 0

  constructor(policy: ResyncPolicy) {
    this.#policy = policy
    this.#tokens = Math.max(1, policy.bridgePerSecond)
  }

  /** Other limits from now on; what is spent stays so. */
  set policy(policy: ResyncPolicy) {
    this.#policy = policy
  }

  /** Requests that a device's own budget held back. */
  get refused(): number {
    return this.#refused
  }

  /** Wishes that wait for the bridge's budget. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** A device needs a keyframe, still or anew. `draw` says whether, and when, it is asked. */
  wish(wish: ResyncWish, now: number): void {
    const { device, door } = wish
    const spent = this.#spent.get(device)
    if (spent && !this.#deviceMay(spent, door, now)) this.#refused++
    else this.#waiting.set(device, wish)
  }

  /** A device needs no keyframe any more. */
  withdraw(device: string): void {
    this.#waiting.delete(device)
  }

  /** The device that is to be asked now, taken out of the budgets; undefined where they are empty, or nobody waits. */
  draw(now: number): string | undefined {
    if (this.#waiting.size === 0 || this.#refill(now) < 1) return undefined
    this.#dropExpired(now)
    const first = this.#drawn % TURN_OF_THE_OLDEST === 0 ? this.#oldest() : this.#best()
    if (!first) return undefined
    this.#drawn++
    const { device } = first
    this.#waiting.delete(device)
    this.#tokens -= 1
    const spent = this.#spent.get(device)
    if (!spent) this.#spent.set(device, { lastMono: now, dayStart: now, today: 1 })
    else {
      spent.lastMono = now
      spent.today++
    }
    return device
  }

  /** Gives a request back that could not be sent. */
  giveBack(device: string): void {
    const spent = this.#spent.get(device)
    if (!spent) return
    this.#tokens += 1
    spent.today--
    spent.lastMono = Number.NEGATIVE_INFINITY
  }

  forget(device: string): void {
    this.#spent.delete(device)
    this.#waiting.delete(device)
  }

  #dropExpired(now: number): void {
    for (const { device, until } of this.#waiting.values())
      if (until < now) this.#waiting.delete(device)
  }

  /** In the map they stand as they came, and a wish that is made again keeps its place. */
  #oldest(): ResyncWish | undefined {
    return this.#waiting.values().next().value
  }

  /** The one that brings most; of equal ones the one that came first. */
  #best(): ResyncWish | undefined {
    let best: ResyncWish | undefined
    for (const wish of this.#waiting.values()) if (!best || wish.gain > best.gain) best = wish
    return best
  }

  #refill(now: number): number {
    const elapsedMs = now - this.#refilled
    // Frames that were put in order bring times a little behind.
    if (elapsedMs <= 0) return this.#tokens
    const { bridgePerSecond } = this.#policy
    const most = Math.max(1, bridgePerSecond)
    this.#tokens = Math.min(most, this.#tokens + (elapsedMs / 1000) * bridgePerSecond)
    this.#refilled = now
    return this.#tokens
  }

  #deviceMay(spent: Spent, door: 'line' | 'mqtt', now: number): boolean {
    if (now - spent.dayStart >= DAY_MS) {
      spent.dayStart = now
      spent.today = 0
    }
    if (this.#policy.perDay !== undefined && spent.today >= this.#policy.perDay) return false
    return now - spent.lastMono >= this.#policy.minIntervalMs[door]
  }
}
