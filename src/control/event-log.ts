import type { Clock } from '../clock.js'
import type { DeviceEvent, Severity } from '../device/index.js'
import type { Log } from '../log.js'

const LEVEL: Readonly<Record<Severity, 'info' | 'warn' | 'error'>> = {
  info: 'info',
  warning: 'warn',
  error: 'error',
}
/** Repeats of an event are counted this long before they are said again. */
const QUIET_MS = 60_000
/** Lines of all devices together. */
const LINES_PER_SECOND = 20

/** Writes device events to the log: repeats collapsed, and never more than twenty lines a second. */
export class EventLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #said = new Map<string, { at: number; repeats: number }>()
  #second = 0
  #lines = 0
  #unwritten = 0

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  write(device: string, event: DeviceEvent): void {
    const now = this.#clock.mono()
    const key = `${device}/${event.type}`
    const said = this.#said.get(key)
    if (said && now - said.at < QUIET_MS) {
      said.repeats++
      return
    }
    if (!this.#mayWrite(now)) {
      this.#unwritten++
      return
    }
    this.#said.set(key, { at: now, repeats: 0 })
    const { wall: _wall, severity, type, ...facts } = event
    const counts = {
      ...(said && said.repeats > 0 && { repeats: said.repeats }),
      ...(this.#unwritten > 0 && { unwritten: this.#unwritten }),
    }
    this.#unwritten = 0
    this.#log[LEVEL[severity]]({ device, ...facts, ...counts }, type)
  }

  #mayWrite(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#lines = 0
      // Old keys go with the repeats that they counted: a million devices must not stay here.
      if (this.#said.size > 10_000) this.#said.clear()
    }
    return ++this.#lines <= LINES_PER_SECOND
  }
}
