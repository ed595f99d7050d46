import { Mosquitto, persistent } from '../support/mosquitto.js'
import { mulberry } from '../support/mulberry.js'
import { Ledger } from './ledger.js'
import { LineSite } from './line-site.js'
import { LoyalConsumer } from './loyal-consumer.js'
import { Pace, pause, within } from './pace.js'

export interface BrokerAwayOptions {
  /** How long the broker is away. */
  readonly seconds: number
  /** Frames a second of all devices together, all the time. */
  readonly rate: number
  readonly devices: number
  readonly seed: number
}

export interface BrokerAwayOutcome {
  readonly ledger: Ledger
  readonly frames: number
  /** Frames that came while the broker was away. */
  readonly waiting: number
  /** From the return of the broker until the bridge was there, by its retained state. */
  readonly reconnectMs: number
  /** The same until the live status of every device was there. */
  readonly statusMs: number
  /** Readings that came before the live status of every device. */
  readonly readingsBeforeStatus: number
  /** From the first reading after the return until nothing waits. */
  readonly drainMs: number
  /** Readings a second in that time: the backlog and what came meanwhile. */
  readonly drainRate: number
  readonly requests: number
}

/** A reading is fresh when no more frames than of so long are between it and the newest. */
const FRESH_MS = 300

/**
 * Takes the broker away from a bridge under load, brings it back, and judges what a consumer gets whose subscription
 * outlives the broker's restart. The broker ends well, so that what it took it does not lose: what is missing then the
 * bridge has lost.
 */
export async function brokerAwayCourse(options: BrokerAwayOptions): Promise<BrokerAwayOutcome> {
  const { seconds, rate, devices, seed } = options
  const random = mulberry(seed)
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', ...persistent],
  })
  const site = await LineSite.prepare({
    devices,
    brokerUrl: broker.url,
    sections: () => ({ journal: { max_size: '1GiB' } }),
  })
  const ledger = new Ledger(site.nodes)
  const back = { at: Number.NaN, online: Number.NaN, status: Number.NaN, firstReading: Number.NaN }
  const silent = new Set<string>()
  /** By device: readings from this one on are of frames that came when the broker was away, or later. */
  const awayFrom = new Map<string, number>()
  let readingsBeforeStatus = 0
  const consumer = await LoyalConsumer.connect(
    broker.url,
    ['alec/+/readings', 'alec/+/status', 'alec/bridge/state'],
    (topic, payload) => {
      const now = performance.now()
      const reading = ledger.take(topic, payload)
      if (reading) {
        const { seq } = reading
        // What the broker had in store for us was published before it went.
        if (!(seq >= (awayFrom.get(topic.split('/')[1] ?? '') ?? Number.NaN))) return
        if (silent.size > 0) readingsBeforeStatus++
        if (Number.isNaN(back.firstReading)) back.firstReading = now
      } else if (topic.endsWith('/status') && silent.delete(topic.split('/')[1] ?? '')) {
        if (silent.size === 0) back.status = now
      } else if (payload === 'online' && Number.isNaN(back.online)) back.online = now
    },
  )
  const pace = new Pace(rate, () => site.send(random))
  try {
    await site.start(ledger)
    pace.start()
    await within(20_000, () => ledger.readings > rate)
    await broker.terminate()
    const before = site.frames
    for (const { id, measured } of site.nodes) awayFrom.set(id, measured.length)
    await pause(seconds * 1000)
    const waiting = site.frames - before
    ledger.incident()
    back.online = Number.NaN
    for (const { id } of site.nodes) silent.add(id)
    await broker.restart()
    back.at = performance.now()
    await within(60_000, () => !Number.isNaN(back.firstReading))
    const atFirst = ledger.readings
    const fresh = Math.max(20, (rate * FRESH_MS) / 1000)
    await within(seconds * 1000 + 30_000, () => ledger.missingCount <= fresh)
    const drained = performance.now()
    const drainMs = drained - back.firstReading
    const drainRate = (ledger.readings - atFirst) / (drainMs / 1000)
    await pause(1000)
    pace.stop()
    await within(10_000, () => ledger.missingCount === 0)
    return {
      ledger,
      frames: site.frames,
      waiting,
      reconnectMs: back.online - back.at,
      statusMs: back.status - back.at,
      readingsBeforeStatus,
      drainMs,
      drainRate,
      requests: site.requests,
    }
  } finally {
    pace.stop()
    await site.close()
    await consumer.close()
    await broker.stop()
  }
}
