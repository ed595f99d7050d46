import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { comparisons, courses, withFloors } from './stress/courses.js'
import { compare, measure } from './stress/measure.js'
import { failuresOf, report, type StressResult } from './stress/verdict.js'

/**
 * How fast the parts are, and the bridge as a whole between a door and a broker in memory, each in a process of its own.
 * Ends with 1 where a floor is not reached, or a part takes too many times as long as what it is compared with.
 *
 * `node dist/bench/stress.js [--floors] [--only NAME] [--runs 5] [--share 1] [--json]`; `--floors` runs only what has a
 * floor and the comparisons, `--share` does so much of the work.
 */
const { values } = parseArgs({
  options: {
    floors: { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    share: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const options = { runs: Number(values.runs), share: Number(values.share) }

async function inThisProcess(name: string): Promise<StressResult> {
  const course = await courses[name]?.()
  if (course) return { courses: [await measure(course, options)], comparisons: [] }
  const comparison = await comparisons[name]?.()
  if (comparison) return { courses: [], comparisons: [await compare(comparison, options)] }
  const known = [...Object.keys(courses), ...Object.keys(comparisons)].join(', ')
  throw new Error(`there is no ${name}; there are ${known}`)
}

function inAnother(name: string): StressResult {
  const script = fileURLToPath(import.meta.url)
  const args = ['--only', name, '--runs', values.runs, '--share', values.share, '--json']
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script, ...args], {
    encoding: 'utf8',
  })
  // A failure is said here, for all together.
  if (!stdout.startsWith('{')) throw new Error(`${name} did not end: ${stderr}`)
  return JSON.parse(stdout)
}

const names = values.floors ? withFloors : Object.keys(courses)
const results =
  values.only === undefined
    ? [...names, ...Object.keys(comparisons)].map(inAnother)
    : [await inThisProcess(values.only)]
const result: StressResult = {
  courses: results.flatMap((one) => one.courses),
  comparisons: results.flatMap((one) => one.comparisons),
}
process.stdout.write(report(result, options.runs, values.json))
for (const failure of failuresOf(result)) {
  process.stderr.write(`${failure}\n`)
  process.exitCode = 1
}
