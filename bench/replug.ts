import { parseArgs } from 'node:util'
import { Random } from '../firmware-sim/index.js'
import { percentile } from './percentile.js'
import { measureReplugs } from './replug/measure.js'

/**
 * Unplugs a pseudo-terminal in full flow and plugs it in again: how long until the loss is noticed, and until
 * data flow again. Exits with 1 where one took longer than 1 s, or 2 s.
 *
 * node dist/bench/replug.js --times 100 --longest-away 1500 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    'longest-away': { type: 'string', default: '1500' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const random = new Random(Number(values.seed))
const { noticed, returned, codes } = await measureReplugs(
  Number(values.times),
  Number(values['longest-away']),
  random,
)

const figures = (times: readonly number[]) => ({
  p50: Math.round(percentile(times, 0.5)),
  p99: Math.round(percentile(times, 0.99)),
  max: Math.round(percentile(times, 1)),
})
const report = {
  times: returned.length,
  noticedMs: figures(noticed),
  returnedMs: figures(returned),
  codes: [...codes],
}
const wordsFor = ({ p50, p99, max }: ReturnType<typeof figures>): string =>
  `p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`
process.stdout.write(
  values.json
    ? `${JSON.stringify(report)}\n`
    : `unplugged ${report.times} times (${report.codes.join(', ')})\nnoticed after ${wordsFor(report.noticedMs)}\ndata again after ${wordsFor(report.returnedMs)}\n`,
)
process.exitCode = report.noticedMs.max > 1000 || report.returnedMs.max > 2000 ? 1 : 0
