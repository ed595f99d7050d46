import { type Clock, isClockSet, setRepeating, type Undo } from '../clock.js'
import type { Log } from '../log.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'

const PERIOD_MS = 1000
/** Between two looks that should be a second apart: the machine slept, or the process was held up. */
export const ABSENCE_MS = 5000
/** Less is what a time server corrects on its way. */
const STEP_MS = 500
/** How much a machine may miscount its own sleep. */
const SLEEP_SLACK_MS = 2500
/** A step stays in the status this long. */
const TOLD_MS = 3_600_000

/** Watches both clocks: whether the wall clock steps or was never set, and whether time passed unnoticed. */
export class TimeWatch implements HealthCheckable {
  readonly #clock: Clock
  readonly #log: Log
  #before: { readonly mono: number; readonly wall: number } | undefined
  #steps = 0
  #lastStep: { readonly ms: number; readonly at: number } | undefined

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Calls `fire` once a second with the milliseconds in which this process could do nothing: 0 as a rule. */
  everySecond(fire: (deafMs: number) => void): Undo {
    this.#before = undefined
    this.#look()
    return setRepeating(this.#clock, PERIOD_MS, () => fire(this.#look()))
  }

  healthCheck(checkedAt: number): HealthCheck {
    const check = { component: 'clock', checkedAt }
    if (!isClockSet(this.#clock.wall()))
      return {
        ...check,
        status: 'degraded',
        message: 'unsynced: the clock of this machine is not set',
      }
    const step = this.#lastStep
    const message =
      step && checkedAt - step.at <= TOLD_MS
        ? `stepped by ${seconds(step.ms)}, ${seconds(checkedAt - step.at)} ago; ${this.#steps} steps since the start`
        : 'set'
    return { ...check, status: 'healthy', message }
  }

  #look(): number {
    this.#clock.catchUp?.()
    const before = this.#before
    const now = { mono: this.#clock.mono(), wall: this.#clock.wall() }
    this.#before = now
    if (!before) return 0
    const passed = now.mono - before.mono
    const stepped = now.wall - before.wall - passed
    const absent = passed > ABSENCE_MS
    if (absent) {
      const facts = { passedMs: Math.round(passed) }
      this.#log.warn(facts, 'the process was held up or the machine asleep')
    }
    if (Math.abs(stepped) > (absent ? SLEEP_SLACK_MS : STEP_MS)) this.#note(stepped, now)
    return absent ? passed : 0
  }

  #note(ms: number, { mono, wall }: { readonly mono: number; readonly wall: number }): void {
    this.#steps++
    this.#lastStep = { ms, at: mono }
    const clock = isClockSet(wall) ? 'set' : 'unsynced'
    this.#log.warn({ stepMs: Math.round(ms), clock }, 'clock_step')
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`
