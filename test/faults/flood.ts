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
  /** So many times without the flood and with it, in turns. */
  readonly rounds: number
  readonly roundMs: number
  readonly seed: number
}

export interface FloodOutcome {
  /** From frame to reading, of the others, in milliseconds, round by round. */
  readonly quiet: readonly (readonly number[])[]
  readonly flooded: readonly (readonly number[])[]
  /** Frames of the others of which no reading came. */
  readonly lost: number
  readonly flooding: {
    /** Frames that the device sent. */
    readonly sent: number
    /** Readings of it that came. */
    readonly published: number
  }
}

/**
 * Lets one device send far more than its share on a line of its own, and measures what the others notice: in turns with it,
 * and while it sends as much to somebody else, so that whatever the machine does meets both alike. Limits are the defaults.
 */
export async function floodCourse(options: FloodOptions): Promise<FloodOutcome> {
  const { flood, rate, devices, rounds, roundMs, seed } = options
  const random = mulberry(seed)
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0'],
  })
  const flooder = await Flooder.start(flood)
  const site = await LineSite.prepare({
    devices,
    brokerUrl: broker.url,
    sections: (own) => ({
      limits: {},
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
  const quiet: (readonly number[])[] = []
  const flooded: (readonly number[])[] = []
  try {
    await site.start(ledger)
    await flooder.connected()
    normal.start()
    // Both ways are as warm as they get before anything is measured.
    await flooder.order('flood')
    await pause(roundMs)
    for (let round = 0; round < 2 * rounds; round++) {
      const isFlooded = round % 2 === 1
      sent = await flooder.order(isFlooded ? 'flood' : 'aside')
      await pause(500)
      watch.take()
      await pause(roundMs)
      ;(isFlooded ? flooded : quiet).push(watch.take())
    }
    sent = await flooder.order('rest')
    normal.stop()
    await within(5000, () => ledger.missingCount === 0)
    return {
      quiet,
      flooded,
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
