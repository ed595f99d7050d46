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
