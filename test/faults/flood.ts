import { Mosquitto } from '../support/mosquitto.js'
import { mulberry } from '../support/mulberry.js'
import { Observer } from '../transport/observer.js'
import { FLOODER, Flooder } from './flooder.js'
import { Stopwatch } from './latency.js'
import { Ledger } from './ledger.js'
import { LineSite } from './line-site.js'
import { Pace, pause, within } from './pace.js'

export interface FloodOptions {
  /** Frames a second of the device that floods, and of the others together. */
  readonly flood: number
  readonly rate: number
  readonly devices: number
  /** So many times each of the turns. */
  readonly rounds: number
  readonly roundMs: number
  /** What is measured, one after the other; default: all of them. */
  readonly turns?: readonly FloodTurn[]
  readonly seed: number
}

/** Silence; as much as the flood sent to somebody else, so that what sending takes of the machine is known; the flood. */
export type FloodTurn = 'silence' | 'aside' | 'flood'

export interface FloodOutcome {
  /** From frame to reading, of the others, in milliseconds, round by round. */
  readonly rounds: Readonly<Record<FloodTurn, readonly (readonly number[])[]>>
  /** Frames of the others of which no reading came. */
  readonly lost: number
  readonly flooding: {
    /** Frames that the device sent. */
    readonly sent: number
    /** Readings of it that came. */
    readonly published: number
  }
}

const ALL_TURNS: readonly FloodTurn[] = ['silence', 'aside', 'flood']
/** From the beginning of a turn until it is measured. */
const SETTLE_MS = 500

/**
 * Lets one device send far more than its share on a line of its own, and measures what the others notice: in turns with it
 * and without it, so that whatever the machine does meets all alike. Limits are the defaults.
 */
export async function floodCourse(options: FloodOptions): Promise<FloodOutcome> {
  const { flood, rate, devices, rounds, roundMs, turns = ALL_TURNS, seed } = options
  const random = mulberry(seed)
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0'],
  })
  // The first one only warms up; and no timer is exact.
  const floodMs = roundMs + rounds * (roundMs + SETTLE_MS)
  const flooder = await Flooder.start(flood, (1.2 * floodMs + 2000) / 1000)
  const site = await LineSite.prepare({
    devices,
    brokerUrl: broker.url,
    sections: (own) => ({
      limits: {},
      resync: {},
      sources: [...own.sources, ...flooder.sources],
      devices: { ...own.devices, [FLOODER]: { model: 'node' } },
    }),
  })
  const consumer = await Observer.of(broker.url, 'alec/+/readings')
  const watch = new Stopwatch(site.nodes, consumer)
  const ledger = new Ledger(site.nodes)
  let published = 0
  consumer.client.on('message', (topic, payload) => {
    ledger.take(topic, payload.toString())
    if (topic === `alec/${FLOODER}/readings`) published++
    consumer.seen.length = 0
  })
  const normal = new Pace(
    rate,
    () => {
      const node = site.nodes[Math.floor(random() * site.nodes.length)]
      if (!node) return
      watch.leaving(node)
      site.farm.send(node)
    },
    1,
  )
  let sent = 0
  const measured: Record<FloodTurn, (readonly number[])[]> = { silence: [], aside: [], flood: [] }
  try {
    await site.start(ledger)
    await flooder.connected()
    normal.start()
    // Both ways are as warm as they get before anything is measured.
    await flooder.order('flood')
    await pause(roundMs)
    for (const turn of Array.from({ length: rounds }, () => turns).flat()) {
      sent = await flooder.order(turn === 'silence' ? 'rest' : turn)
      await pause(SETTLE_MS)
      watch.take()
      await pause(roundMs)
      measured[turn].push(watch.take())
    }
    sent = await flooder.order('rest')
    normal.stop()
    await within(5000, () => ledger.missingCount === 0)
    return {
      rounds: measured,
      lost: ledger.missingCount,
      flooding: { sent, published },
    }
  } finally {
    normal.stop()
    flooder.close()
    await site.close()
    await consumer.close()
    await broker.stop()
  }
}
