import { Mosquitto, persistent } from '../support/mosquitto.js'
import { mulberry } from '../support/mulberry.js'
import { Ledger } from './ledger.js'
import { LineSite } from './line-site.js'
import { LoyalConsumer } from './loyal-consumer.js'
import { Pace, pause, within } from './pace.js'
import { WireWitness } from './wire-witness.js'

export interface BrokerKillsOptions {
  readonly kills: number
  readonly rate: number
  readonly devices: number
  readonly seed: number
  /** The longest that the broker is away at a time. */
  readonly longestAwayMs?: number
}

export interface BrokerKillsOutcome {
  /** What the consumer saw. */
  readonly ledger: Ledger
  readonly frames: number
  /** Kills while readings flowed; the others met a broker that the bridge had not found again. */
  readonly inFlow: number
  /** `device seq` of frames of which the bridge has no acknowledgement, and the consumer no reading. */
  readonly lost: readonly string[]
  /** Readings that the broker had acknowledged and took with it: nobody's but the broker's. */
  readonly lostInBroker: number
  readonly requests: number
}

/**
 * Kills the broker of a bridge under load at random moments. The consumer's subscription was written down before the first
 * kill, so it sees everything that a broker has not taken with it; a witness on the wire sees what the broker had
 * acknowledged to the bridge. A frame of which there is neither an acknowledgement nor a reading the bridge has lost.
 */
export async function brokerKillCourse(options: BrokerKillsOptions): Promise<BrokerKillsOutcome> {
  const { kills, rate, devices, seed, longestAwayMs = 800 } = options
  const random = mulberry(seed)
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', ...persistent],
  })
  const acknowledged = new Set<string>()
  const witness = await WireWitness.before(broker.port, ({ topic, payload }) => {
    if (!topic.endsWith('/readings')) return
    const { seq } = JSON.parse(payload) as { seq: number }
    acknowledged.add(`${topic.split('/')[1]} ${seq}`)
  })
  const site = await LineSite.prepare({ devices, brokerUrl: witness.url })
  const ledger = new Ledger(site.nodes)
  const consumer = await LoyalConsumer.connect(broker.url, ['alec/+/readings'], (topic, payload) =>
    ledger.take(topic, payload),
  )
  await broker.save()
  const pace = new Pace(rate, () => site.send(random))
  let inFlow = 0
  try {
    await site.start(ledger)
    pace.start()
    await within(20_000, () => ledger.readings > 0)
    for (let kill = 0; kill < kills; kill++) {
      const before = ledger.readings
      // Mostly while a backlog flows or has just flown, sometimes before the bridge has come back.
      const patient = random() < 0.85
      if (patient) await within(40_000, () => ledger.readings > before)
      await pause(random() ** 2 * 1500)
      if (ledger.readings > before) inFlow++
      await broker.kill()
      await pause(random() * longestAwayMs)
      ledger.incident()
      await broker.restart()
    }
    pace.stop()
    const unaccounted = () => ledger.missing.filter((key) => !acknowledged.has(key))
    // The longest wait for the next try, and what it takes to bring what waits.
    const end = performance.now() + 60_000
    while (performance.now() < end && unaccounted().length > 0) await pause(200)
    await pause(200)
    const lost = unaccounted()
    return {
      ledger,
      frames: site.frames,
      inFlow,
      lost,
      lostInBroker: ledger.missing.length - lost.length,
      requests: site.requests,
    }
  } finally {
    pace.stop()
    await site.close()
    await consumer.close()
    await witness.close()
    await broker.stop()
  }
}
