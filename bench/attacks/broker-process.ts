import { systemClock } from '../../src/clock.js'
import { EmbeddedBroker } from '../../src/transport/index.js'

/**
 * The embedded broker alone, without the cap on new connections: a mutated packet mostly ends its connection, and
 * ten new ones a second would be a slow attack. Prints its address as the program does.
 */
const broker = new EmbeddedBroker({
  host: '127.0.0.1',
  port: 0,
  clock: systemClock,
  connections: { total: 200, perAddress: 20, rate: { perSecond: 1e6, burst: 1e6 } },
})
await broker.start()
// So that what is published has somebody of ours who hears it, as in the bridge.
broker.listenTo('#', () => {})
process.stderr.write(`broker: ${broker.address}\n`)
