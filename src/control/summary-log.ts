import type { Clock } from '../clock.js'
import type { Fleet } from '../device/index.js'
import type { Log } from '../log.js'
import type { Publisher } from '../transport/index.js'

export interface SummaryLogOptions {
  readonly fleet: Pick<Fleet, 'sessions' | 'unknown'>
  readonly publisher: Pick<Publisher, 'counters'>
  /** How full the journal is, 0 … 1; NaN where there is none. */
  readonly journalFill: () => number
  readonly clock: Clock
  readonly log: Log
}

const PERIOD_MS = 60_000
const PERCENT = 100

/** Counters since the start, of the devices that there are. */
interface Totals {
  readonly frames: number
  readonly readings: number
  readonly lost: number
  readonly rejected: number
  readonly unknown: number
  readonly published: number
}

/** One line a minute of how it goes: what somebody wants to see who looks at the log once a day. */
export class SummaryLog {
  readonly #options: SummaryLogOptions
  #before: Totals | undefined
  #saidAt: number

  constructor(options: SummaryLogOptions) {
    this.#options = options
    this.#saidAt = options.clock.mono()
  }

  /** To be called about once a second. */
  look(): void {
    const { clock, log, journalFill } = this.#options
    const now = clock.mono()
    const seconds = Math.round((now - this.#saidAt) / 1000)
    if (now - this.#saidAt < PERIOD_MS) return
    this.#saidAt = now
    const { totals, devices } = this.#count()
    const { queuedMessages, queuedBytes } = this.#options.publisher.counters()
    const fill = journalFill()
    log.info(
      {
        seconds,
        ...since(totals, this.#before),
        devices,
        queue: { messages: queuedMessages, bytes: queuedBytes },
        ...(!Number.isNaN(fill) && { journal: `${Math.round(fill * PERCENT)} %` }),
      },
      'summary',
    )
    this.#before = totals
  }

  #count(): { totals: Totals; devices: Record<string, number> } {
    const { fleet, publisher } = this.#options
    const devices: Record<string, number> = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 }
    let [frames, readings, lost, rejected] = [0, 0, 0, 0]
    for (const session of fleet.sessions()) {
      const status = session.status()
      devices[status.health] = (devices[status.health] ?? 0) + 1
      frames += status.frames.received
      readings += status.readings.good + status.readings.uncertain + status.readings.bad
      lost += status.frames.lost
      rejected += status.frames.rejected
    }
    const published = publisher.counters().acknowledged
    const unknown = fleet.unknown.total
    return { totals: { frames, readings, lost, rejected, unknown, published }, devices }
  }
}

/** What has come since; a device that is gone takes its counters along. */
function since(totals: Totals, before: Totals | undefined): Totals {
  const differences = Object.entries(totals).map(([name, count]) => [
    name,
    Math.max(0, count - (before?.[name as keyof Totals] ?? 0)),
  ])
  return Object.fromEntries(differences)
}
