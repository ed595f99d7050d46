import { parseArgs } from 'node:util'
import { latencyCourse } from '../test/faults/latency-course.js'
import { type Figures, printFigures, rounded } from './figures.js'
import { percentile } from './percentile.js'

/**
 * How long a frame takes from a device to a consumer on a real Mosquitto, by pseudo-terminal and by MQTT, at two rates and for
 * every durability. Says what it measures; exits with 1 only where a frame is lost.
 *
 * node dist/bench/latency.js --seconds 10 --rates 100,1000 --devices 5 [--json]
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rates: { type: 'string', default: '100,1000' },
    devices: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const devices = Number(values.devices)
const durabilities = ['strict', { batched: '1s' }, 'os'] as const
const failures: string[] = []
let figures: Figures = {}
for (const door of ['uart', 'mqtt'] as const) {
  for (const rate of values.rates.split(',').map(Number)) {
    for (const durability of durabilities) {
      const { times, lost } = await latencyCourse({ door, durability, rate, devices, seconds })
      const name = `${door}, ${typeof durability === 'string' ? durability : 'batched 1s'}, ${rate}/s`
      if (lost > 0) failures.push(`${name}: ${lost} frames lost`)
      const at = (share: number) => rounded(percentile(times, share), 2)
      const words = `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`
      figures = { ...figures, [name]: words }
    }
  }
}
printFigures({ seconds, ...figures }, failures, values.json)
