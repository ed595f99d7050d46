import { createHistogram } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { type LatencyOptions, latencyCourse } from '../test/faults/latency-course.js'
import { type Figures, printFigures, rounded } from './figures.js'
import { type Measurement, printMeasurements } from './measurement.js'

/**
 * How long a frame takes from a device to a consumer on a real Mosquitto, by pseudo-terminal, by a serial line over TCP and by
 * MQTT, at several rates and for every durability, and what it costs. Says what it measures; exits with 1 only where a frame
 * is lost. By pseudo-terminal and TCP each device has a line of its own: `--devices 1,8,32` compares numbers of ports.
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
const sizes = values.devices.split(',').map(Number)
const SHARES = { p50: 50, p99: 99, 'p99.9': 99.9, most: 100 } as const
type Share = keyof typeof SHARES
const shares = Object.keys(SHARES) as Share[]

const failures: string[] = []
let figures: Figures = {}
const measurements: Measurement[] = []
for (const door of ['uart', 'tcp', 'mqtt'] as const) {
  if (!values.doors.split(',').includes(door)) continue
  for (const devices of sizes) {
    for (const rate of values.rates.split(',').map(Number))
      for (const kind of values.durability.split(',')) await measure(door, devices, rate, kind)
  }
}
if (values.table) printMeasurements(measurements, failures, values.json)
else printFigures({ seconds, ...figures }, failures, values.json)

async function measure(
  door: LatencyOptions['door'],
  devices: number,
  rate: number,
  kind: string,
): Promise<void> {
  const of = sizes.length > 1 ? `, ${devices} devices` : ''
  const name = `${door}, ${kind === 'batched' ? 'batched 1s' : kind}, ${rate}/s${of}`
  const rounds: Record<Share, number>[] = []
  const costs: number[] = []
  for (let nth = 0; nth < Number(values.rounds); nth++) {
    const durability = kind === 'batched' ? { batched: '1s' } : kind
    const outcome = await latencyCourse({ door, durability, rate, devices, seconds })
    const { times, cpuUs, lost, overrun } = outcome
    if (lost > 0)
      failures.push(`${name}: ${lost} frames lost, ${overrun} of them before a full terminal`)
    rounds.push(percentiles(times))
    costs.push(cpuUs)
  }
  const words = shares.map((share) => `${share} ${rounded(rounds[0]?.[share] ?? Number.NaN, 2)} ms`)
  const cost = `${rounded(costs[0] ?? Number.NaN)} µs of the processor`
  figures = { ...figures, [name]: [...words, cost].join(', ') }
  for (const share of shares) {
    const ofRounds = rounds.map((round) => round[share])
    const row = { name: `${name}: ${share}`, unit: 'ms', values: ofRounds }
    measurements.push({ ...row, ...target(name, share) })
  }
  measurements.push({ name: `${name}: processor time`, unit: 'µs/frame', values: costs })
}

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
