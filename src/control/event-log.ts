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
/** A million devices must not stay here: then old keys go with the repeats that they counted. */
const KEYS = 10_000

/** Writes device events to the log, repeats collapsed. How many lines there may be is the log's own matter. */
export class EventLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #said = new Map<string, { at: number; repeats: number }>()

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
    if (this.#said.size >= KEYS) this.#said.clear()
    this.#said.set(key, { at: now, repeats: 0 })
    const { wall: _wall, severity, type, ...facts } = event
    const repeats = said && said.repeats > 0 && { repeats: said.repeats }
    this.#log[LEVEL[severity]]({ device, ...facts, ...repeats }, type)
  }
}
