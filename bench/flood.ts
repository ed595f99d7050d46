import { parseArgs } from 'node:util'
import { floodCourse } from '../test/faults/flood.js'
import { printFigures, rounded } from './figures.js'
import { percentile } from './percentile.js'

/**
 * Lets one device flood a bridge and measures the latency of the others, in turns with and without it. Exits with 1 where
 * their p99 grows by more than the given share, or one of their frames is lost.
 *
 * node dist/bench/flood.js --flood 10000 --rate 200 --rounds 20 --round-ms 2000 --most 0.1 [--json]
 */
const { values } = parseArgs({
  options: {
    flood: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '200' },
    devices: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '20' },
    'round-ms': { type: 'string', default: '2000' },
    most: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const most = Number(values.most)
const outcome = await floodCourse({
  flood: Number(values.flood),
  rate: Number(values.rate),
  devices: Number(values.devices),
  rounds: Number(values.rounds),
  roundMs: Number(values['round-ms']),
  seed: Number(values.seed),
})
const { lost, flooding } = outcome
const quiet = outcome.quiet.flat()
const flooded = outcome.flooded.flat()
const p99 = (rounds: readonly (readonly number[])[]) => percentile(rounds.flat(), 0.99)
// The same comparison where nothing differs: what the machine does by itself.
const noise =
  p99(outcome.quiet.filter((_, n) => n % 2 === 1)) /
    p99(outcome.quiet.filter((_, n) => n % 2 === 0)) -
  1
const growth = percentile(flooded, 0.99) / percentile(quiet, 0.99) - 1
const failures: string[] = []
if (!(growth <= most)) failures.push(`p99 of the others grows by ${rounded(100 * growth)} %`)
if (lost > 0) failures.push(`${lost} frames of the others were lost`)
printFigures(
  {
    flood: Number(values.flood),
    rate: Number(values.rate),
    seed: Number(values.seed),
    framesMeasured: quiet.length + flooded.length,
    quietP50Ms: rounded(percentile(quiet, 0.5), 2),
    quietP99Ms: rounded(percentile(quiet, 0.99), 2),
    floodedP50Ms: rounded(percentile(flooded, 0.5), 2),
    floodedP99Ms: rounded(percentile(flooded, 0.99), 2),
    growthPercent: rounded(100 * growth, 1),
    quietAgainstQuietPercent: rounded(100 * noise, 1),
    lostOfOthers: lost,
    floodSent: flooding.sent,
    floodPublished: flooding.published,
  },
  failures,
  values.json,
)
