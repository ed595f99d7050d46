import { parseArgs } from 'node:util'
import { comparisons, courses } from './stress/courses.js'
import { type ComparisonResult, type CourseResult, compare, measure } from './stress/measure.js'
import { failuresOf, report } from './stress/verdict.js'

/**
 * How fast the parts are, and the bridge as a whole between a door and a broker in memory. Ends with 1 where a floor is
 * not reached, or a part takes too many times as long as what it is compared with in the same run.
 *
 * `node dist/bench/stress.js [--floors] [--runs 5] [--share 1] [--json]`; `--floors` runs only what has a floor and the
 * comparisons, `--share` does so much of the work.
 */
const { values } = parseArgs({
  options: {
    floors: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    share: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const options = { runs: Number(values.runs), share: Number(values.share) }

const measured: CourseResult[] = []
for (const course of courses) {
  if (values.floors && course.floor === undefined) continue
  measured.push(await measure(course, options))
}
const compared: ComparisonResult[] = []
for (const comparison of comparisons) compared.push(await compare(comparison, options))

const result = { courses: measured, comparisons: compared }
process.stdout.write(report(result, options.runs, values.json))
for (const failure of failuresOf(result)) {
  process.stderr.write(`${failure}\n`)
  process.exitCode = 1
}
