import type { Gauge } from '../src/control/index.js'
import type { Log } from '../src/log.js'

const nothing = () => {}

/** A log that nobody reads. */
export const quietLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** A process that is always at ease: what is measured is not shed. */
export const restingGauge: Gauge = {
  start: nothing,
  stop: nothing,
  loopLagMs: () => 0,
  memory: () => ({ used: 0, limit: 1 }),
}
