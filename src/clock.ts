import { TurnPace } from './turn-pace.js'

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
  /** Makes up for the time that the machine has slept; to be called about once a second. Absent where nothing is to be made up for. */
  catchUp?(): void
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  setTimer(delayMs, fire) {
    let timer: NodeJS.Timeout
    const arm = (leftMs: number) => {
      const partMs = Math.min(leftMs, LONGEST_TIMER_MS)
      timer = setTimeout(() => (leftMs > partMs ? arm(leftMs - partMs) : fire()), partMs)
    }
    arm(delayMs)
    return () => clearTimeout(timer)
  },
}

const pace = new TurnPace()
/** Nobody ever changes it: waiting for that is the only sleep that the engine has. */
const never = new Int32Array(new SharedArrayBuffer(4))
let endOfTurn: NodeJS.Immediate | undefined

/**
 * Calls `run` once all that the system has ready now has been taken in, so that what comes together leaves together. Under
 * load the whole thread sleeps for what is left of a millisecond afterwards, so that more comes together.
 * measured: at full speed a message of QoS 0 through a broker costs 13 µs in place of 18; a timer in place of the sleep would
 * not help, since everything that becomes ready meanwhile would wake the thread.
 */
export const afterTurn = (run: () => void): void => {
  setImmediate(run)
  if (endOfTurn) clearImmediate(endOfTurn)
  endOfTurn = setImmediate(endTurn)
}

function endTurn(): void {
  endOfTurn = undefined
  const waitMs = pace.waitMs(performance.now())
  if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs)
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

/** What the machine's count of its uptime may be off: some systems count whole seconds. */
const UPTIME_SLACK_MS = 2000

/**
 * A clock whose monotonic time goes on from somewhere else, so that times of an earlier run stay comparable, and goes
 * on while the machine sleeps: timers that fall due in its sleep fire once it is awake, once each.
 */
export class ContinuedClock implements Clock {
  readonly #base: Clock
  readonly #uptimeMs: () => number
  /** What the uptime was ahead of the base's time at the start. */
  readonly #aheadMs: number
  readonly #waiting = new Set<WaitingTimer>()
  #offsetMs: number
  #sleptMs = 0

  /** `uptimeMs` counts time asleep, where the base's monotonic time does not. */
  constructor(base: Clock, offsetMs: number, uptimeMs: () => number) {
    this.#base = base
    this.#offsetMs = offsetMs
    this.#uptimeMs = uptimeMs
    this.#aheadMs = this.#uptimeAhead()
  }

  mono(): number {
    return this.#base.mono() + this.#offsetMs
  }

  wall(): number {
    return this.#base.wall()
  }

  setTimer(delayMs: number, fire: () => void): Undo {
    const timer: WaitingTimer = { dueAt: this.mono() + delayMs, fire, undo: () => {} }
    this.#waiting.add(timer)
    this.#arm(timer, delayMs)
    return () => {
      this.#waiting.delete(timer)
      timer.undo()
    }
  }

  catchUp(): void {
    const slept = this.#uptimeAhead() - this.#aheadMs
    if (slept - this.#sleptMs <= UPTIME_SLACK_MS) return
    this.#offsetMs += slept - this.#sleptMs
    this.#sleptMs = slept
    const now = this.mono()
    for (const timer of [...this.#waiting].sort((a, b) => a.dueAt - b.dueAt)) {
      timer.undo()
      this.#arm(timer, Math.max(0, timer.dueAt - now))
    }
  }

  #arm(timer: WaitingTimer, delayMs: number): void {
    timer.undo = this.#base.setTimer(delayMs, () => {
      this.#waiting.delete(timer)
      timer.fire()
    })
  }

  /** Never too much, however long it takes: what passes between the two looks counts against it. */
  #uptimeAhead(): number {
    const uptime = this.#uptimeMs()
    return uptime - this.#base.mono()
  }
}

interface WaitingTimer {
  readonly dueAt: number
  readonly fire: () => void
  undo: Undo
}

/** Before this year a clock has not been set since its machine was started. */
const CLOCK_SET = Date.UTC(2024, 0, 1)

/** Whether a wall clock (Unix milliseconds) can be believed. */
export const isClockSet = (wall: number): boolean => wall >= CLOCK_SET
