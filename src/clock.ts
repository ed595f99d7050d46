/** Takes something back: a timer, a subscription. Safe to call twice. */
export type Undo = () => void

/** The only source of time: production hands in `systemClock`, tests one that they move by hand. */
export interface Clock {
  /** Monotonic milliseconds, for every interval, timeout and rate. */
  mono(): number
  /** Unix milliseconds, only ever a label: it may jump. */
  wall(): number
  /** Calls `fire` once after `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fire: () => void): Undo
}

export const systemClock: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Calls `fire` every `periodMs` until undone; a late tick is not made up for. */
export function setRepeating(clock: Clock, periodMs: number, fire: () => void): Undo {
  let undo: Undo = () => {}
  const arm = () => {
    undo = clock.setTimer(periodMs, () => {
      arm()
      fire()
    })
  }
  arm()
  return () => undo()
}

/** A place in time as one run of the machine saw it. */
export interface TimeMark {
  /** Unix milliseconds. */
  readonly wall: number
  /** Milliseconds since the machine was started, time asleep included. */
  readonly uptimeMs: number
  /** Which start of the machine this is; empty where unknown. */
  readonly bootId: string
}

/** What is taken for the time that passed where nobody can say: longer than anything that a rule waits for. */
export const VERY_LONG_MS = 10 * 365 * 86_400_000

/**
 * How many milliseconds have passed since `before`: by the machine's own count where it has not been restarted, by
 * the wall clock where that can be trusted, else `VERY_LONG_MS`.
 */
export function elapsedMs(
  before: TimeMark,
  now: TimeMark & { readonly wallTrusted: boolean },
): number {
  const sameBoot = before.bootId !== '' && before.bootId === now.bootId
  const byUptime = now.uptimeMs - before.uptimeMs
  if (sameBoot && byUptime >= 0) return byUptime
  const byWall = now.wall - before.wall
  return now.wallTrusted && byWall >= 0 ? byWall : VERY_LONG_MS
}

/** The same clock with a monotonic time that goes on from somewhere else: times of an earlier run stay comparable. */
export const continuedClock = (clock: Clock, offsetMs: number): Clock => ({
  mono: () => clock.mono() + offsetMs,
  wall: () => clock.wall(),
  setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
})
