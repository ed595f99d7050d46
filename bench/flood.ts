import { parseArgs } from 'node:util'
import { type FloodTurn, floodCourse } from '../test/faults/flood.js'
import { printFigures, rounded } from './figures.js'
import { percentile } from './percentile.js'

/**
 * Lets one device flood a bridge and measures the latency of the others, in turns: silence, as much sent to nobody, the flood.
 * A round's p99 is compared with that of the same round: what else the machine does for a while meets a few of them, and does not
 * move their median. Exits with 1 where that of the flood is above that of silence by more than the given share, or a frame of
 * the others is lost.
 *
 * node dist/bench/flood.js --flood 10000 --rate 200 --rounds 30 --round-ms 2000 --most 0.1 [--json]
 */
const { values } = parseArgs({
  options: {
    flood: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '200' },
    devices: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '30' },
    'round-ms': { type: 'string', default: '2000' },
    most: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const most = Number(values.most)
const { rounds, lost, flooding } = await floodCourse({
  flood: Number(values.flood),
  rate: Number(values.rate),
  devices: Number(values.devices),
  rounds: Number(values.rounds),
  roundMs: Number(values['round-ms']),
  seed: Number(values.seed),
})

const median = (list: readonly number[]) => percentile(list, 0.5)
const p99s = (list: readonly (readonly number[])[]) => list.map((round) => percentile(round, 0.99))
/** Of the rounds' p99s. */
const p99 = (turn: FloodTurn) => median(p99s(rounds[turn]))
const growth = (turn: FloodTurn, over: FloodTurn) => 100 * (p99(turn) / p99(over) - 1)
const overSilence = growth('flood', 'silence')
// The same comparison where nothing differs: what the machine does by itself.
const [even, odd] = [0, 1].map((rest) =>
  median(p99s(rounds.silence.filter((_, n) => n % 2 === rest))),
) as [number, number]

const failures: string[] = []
if (!(overSilence <= 100 * most))
  failures.push(`p99 of the others grows by ${rounded(overSilence)} %`)
if (lost > 0) failures.push(`${lost} frames of the others were lost`)
const pooled = (turn: FloodTurn, share: number) =>
  rounded(percentile(rounds[turn].flat(), share), 2)
printFigures(
  {
    flood: Number(values.flood),
    rate: Number(values.rate),
    seed: Number(values.seed),
    framesMeasured: Object.values(rounds).flat(2).length,
    silenceP50Ms: pooled('silence', 0.5),
    asideP50Ms: pooled('aside', 0.5),
    floodP50Ms: pooled('flood', 0.5),
    silenceP99Ms: rounded(p99('silence'), 2),
    asideP99Ms: rounded(p99('aside'), 2),
    floodP99Ms: rounded(p99('flood'), 2),
    growthPercent: rounded(overSilence, 1),
    growthOverAsidePercent: rounded(growth('flood', 'aside'), 1),
    silenceAgainstSilencePercent: rounded(100 * (odd / even - 1), 1),
    silenceP99MsOfAll: pooled('silence', 0.99),
    asideP99MsOfAll: pooled('aside', 0.99),
    floodP99MsOfAll: pooled('flood', 0.99),
    lostOfOthers: lost,
    floodSent: flooding.sent,
    floodPublished: flooding.published,
  },
  failures,
  values.json,
)
