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

/** Requests of one device that count towards its budgets. */
interface Spent {
  lastMono: number
  dayStart: number
  today: number
}

/**
 * Decides which keyframe requests leave: so that a flood of losses (a gateway was away) asks for a few at a
 * time and dear downlinks are not wasted. What is refused is counted; the device asks again with its next frame.
 */
export class ResyncBudget {
  readonly #policy: ResyncPolicy
  readonly #spent = new Map<string, Spent>()
  #tokens: number
  #refilled = 0
  #refused = 0

  constructor(policy: ResyncPolicy) {
    this.#policy = policy
    this.#tokens = Math.max(1, policy.bridgePerSecond)
  }

  /** Requests that the budgets held back. */
  get refused(): number {
    return this.#refused
  }

  /** Takes one request out of the budgets; false where one of them is empty. `now` in monotonic milliseconds. */
  take(device: string, door: 'line' | 'mqtt', now: number): boolean {
    const spent = this.#spent.get(device)
    const allowed = this.#refill(now) >= 1 && (!spent || this.#deviceMay(spent, door, now))
    if (!allowed) {
      this.#refused++
      return false
    }
    this.#tokens -= 1
    if (!spent) this.#spent.set(device, { lastMono: now, dayStart: now, today: 1 })
    else {
      spent.lastMono = now
      spent.today++
    }
    return true
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
  }

  #refill(now: number): number {
    const most = Math.max(1, this.#policy.bridgePerSecond)
    const gained = ((now - this.#refilled) / 1000) * this.#policy.bridgePerSecond
    this.#tokens = Math.min(most, this.#tokens + Math.max(0, gained))
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
