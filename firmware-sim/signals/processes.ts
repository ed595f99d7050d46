import type { Random } from '../random.js'

export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Something that goes on in the world; asked at times that never decrease (Unix milliseconds). */
export interface Process {
  at(now: number): number
}

/** −1 … 1 once a day, highest at `peakHour` UTC. */
export function dayCycle(now: number, peakHour: number): number {
  return Math.cos((2 * Math.PI * (now - peakHour * hourMs)) / dayMs)
}

/** Milliseconds since the last question, 0 at the first. */
export class Elapsed {
  #last = Number.NaN

  until(now: number): number {
    const elapsed = Number.isNaN(this.#last) ? 0 : now - this.#last
    this.#last = now
    return elapsed
  }
}

/**
 * A random walk that is drawn back to 0 within `relaxMs` and held within three deviations: weather, ageing.
 * Its steps are exact for any time between two questions (Ornstein and Uhlenbeck).
 */
export class Drift implements Process {
  readonly #random: Random
  readonly #deviation: number
  readonly #relaxMs: number
  readonly #elapsed = new Elapsed()
  #level: number

  constructor(random: Random, options: { readonly deviation: number; readonly relaxMs: number }) {
    this.#random = random
    this.#deviation = options.deviation
    this.#relaxMs = options.relaxMs
    this.#level = random.normal()
  }

  at(now: number): number {
    const kept = Math.exp(-this.#elapsed.until(now) / this.#relaxMs)
    const moved = kept * this.#level + Math.sqrt(1 - kept * kept) * this.#random.normal()
    this.#level = Math.min(3, Math.max(-3, moved))
    return this.#level * this.#deviation
  }
}

/** Sudden events that fade away: a door opens, something knocks. The sum of what is left of them. */
export class Episodes implements Process {
  readonly #random: Random
  readonly #meanGapMs: number
  readonly #fadeMs: number
  readonly #strength: (random: Random) => number
  readonly #elapsed = new Elapsed()
  #next = Number.NaN
  #level = 0

  constructor(
    random: Random,
    options: {
      readonly meanGapMs: number
      readonly fadeMs: number
      readonly strength: (random: Random) => number
    },
  ) {
    this.#random = random
    this.#meanGapMs = options.meanGapMs
    this.#fadeMs = options.fadeMs
    this.#strength = options.strength
  }

  at(now: number): number {
    this.#level *= Math.exp(-this.#elapsed.until(now) / this.#fadeMs)
    if (Number.isNaN(this.#next)) this.#next = now + this.#random.exponential(this.#meanGapMs)
    while (this.#next <= now) {
      this.#level += this.#strength(this.#random) * Math.exp((this.#next - now) / this.#fadeMs)
      this.#next += this.#random.exponential(this.#meanGapMs)
    }
    return this.#level
  }
}

/** On and off by turns: a machine, people in a room, a tap. */
export class Switching {
  readonly #random: Random
  readonly #meanOnMs: number
  readonly #meanOffMs: number
  #on: boolean
  #until = Number.NaN

  constructor(random: Random, options: { readonly meanOnMs: number; readonly meanOffMs: number }) {
    this.#random = random
    this.#meanOnMs = options.meanOnMs
    this.#meanOffMs = options.meanOffMs
    this.#on = random.chance(options.meanOnMs / (options.meanOnMs + options.meanOffMs))
  }

  at(now: number): boolean {
    if (Number.isNaN(this.#until)) this.#until = now + this.#stay()
    while (this.#until <= now) {
      this.#on = !this.#on
      this.#until += this.#stay()
    }
    return this.#on
  }

  #stay(): number {
    return this.#random.exponential(this.#on ? this.#meanOnMs : this.#meanOffMs)
  }
}

/** Follows a target as air or metal does: the rest of the way shrinks by e every `settleMs`. */
export class Following {
  readonly #elapsed = new Elapsed()
  #level = Number.NaN

  towards(target: number, settleMs: number, now: number): number {
    const kept = Math.exp(-this.#elapsed.until(now) / settleMs)
    this.#level = Number.isNaN(this.#level) ? target : target + (this.#level - target) * kept
    return this.#level
  }
}
