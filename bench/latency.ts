import { createHistogram } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { latencyCourse } from '../test/faults/latency-course.js'
import { type Figures, printFigures, rounded } from './figures.js'
import { type Measurement, printMeasurements } from './measurement.js'

/**
 * How long a frame takes from a device to a consumer on a real Mosquitto, by pseudo-terminal, by a serial line over TCP and by
 * MQTT, at several rates and for every durability. Says what it measures; exits with 1 only where a frame is lost.
 *
 * node dist/bench/latency.js --seconds 10 --rates 100,1000,5000 --devices 5 [--doors uart,tcp,mqtt] [--durability strict,os]
 *   [--rounds 1] [--table] [--json]; with `--table` a row for each percentile, its median and spread over the rounds
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rates: { type: 'string', default: '100,1000,5000' },
    devices: { type: 'string', default: '5' },
    doors: { type: 'string', default: 'uart,tcp,mqtt' },
    durability: { type: 'string', default: 'strict,batched,os,end-to-end' },
    rounds: { type: 'string', default: '1' },
    table: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const devices = Number(values.devices)
const SHARES = { p50: 50, p99: 99, 'p99.9': 99.9, most: 100 } as const
type Share = keyof typeof SHARES
const shares = Object.keys(SHARES) as Share[]

const failures: string[] = []
let figures: Figures = {}
const measurements: Measurement[] = []
for (const door of ['uart', 'tcp', 'mqtt'] as const) {
  if (!values.doors.split(',').includes(door)) continue
  for (const rate of values.rates.split(',').map(Number)) {
    for (const kind of values.durability.split(',')) {
      const name = `${door}, ${kind === 'batched' ? 'batched 1s' : kind}, ${rate}/s`
      const rounds: Record<Share, number>[] = []
      for (let nth = 0; nth < Number(values.rounds); nth++) {
        const durability = kind === 'batched' ? { batched: '1s' } : kind
        const { times, lost } = await latencyCourse({ door, durability, rate, devices, seconds })
        if (lost > 0) failures.push(`${name}: ${lost} frames lost`)
        rounds.push(percentiles(times))
      }
      const words = shares.map(
        (share) => `${share} ${rounded(rounds[0]?.[share] ?? Number.NaN, 2)} ms`,
      )
      figures = { ...figures, [name]: words.join(', ') }
      for (const share of shares) {
        const ofRounds = rounds.map((round) => round[share])
        measurements.push({
          name: `${name}: ${share}`,
          unit: 'ms',
          values: ofRounds,
          ...target(name, share),
        })
      }
    }
  }
}
if (values.table) printMeasurements(measurements, failures, values.json)
else printFigures({ seconds, ...figures }, failures, values.json)

/** Of times in milliseconds. */
function percentiles(times: readonly number[]): Record<Share, number> {
  const histogram = createHistogram()
  for (const time of times) histogram.record(Math.max(1, Math.round(1e6 * time)))
  const at = (share: Share) => histogram.percentile(SHARES[share]) / 1e6
  return { p50: at('p50'), p99: at('p99'), 'p99.9': at('p99.9'), most: at('most') }
}

function target(name: string, share: Share): { readonly target?: string } {
  if (share !== 'p99') return {}
  if (name === 'uart, os, 1000/s') return { target: '≤ 5' }
  return name === 'uart, strict, 1000/s' ? { target: '≤ 15' } : {}
}
