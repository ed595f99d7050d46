import { parseArgs } from 'node:util'
import { type CourseResult, runCourse } from './soak/course.js'
import { courseOf, falseDeclarations, lossRates, mixOf, profiles } from './soak/plan.js'
import { type Total, tableOf, total } from './soak/table.js'

/**
 * Runs the simulated fleet through every fault mix against the device session and holds every reading against
 * what was measured. Exits with 1 where a bound was broken or a good reading wrong.
 *
 * node dist/bench/soak.js --frames 1000000 --seed 1 [--json] [--bound-factor 0.5]
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    'bound-factor': { type: 'string', default: '1' },
  },
})
const wanted = Number(values.frames)
const seed = Number(values.seed)
const boundFactor = Number(values['bound-factor'])

const cells = profiles.flatMap((profile) =>
  lossRates.flatMap((loss) =>
    (profile.frames === 'compact' ? [false, true] : [false]).map((downlinks) => ({
      profile,
      loss,
      downlinks,
    })),
  ),
)
const totals: Total[] = cells.map(({ profile, loss, downlinks }) =>
  total(profile.name, loss, downlinks),
)
const started = performance.now()
let frames = 0
for (let round = 0; frames < wanted; round++) {
  for (const [i, { profile, loss, downlinks }] of cells.entries()) {
    const course = courseOf(
      profile,
      loss,
      downlinks,
      round,
      seed * 1_000_003 + round * cells.length + i,
    )
    const result = runCourse({ ...course, boundFactor })
    frames += result.frames
    totals[i]?.add(result, mixOf(round) === 0)
  }
}

const lies = falseDeclarations.map(({ name, declare }) => {
  const results: CourseResult[] = []
  for (let n = 0; n < 20; n++) {
    const profile = profiles[n % 2 === 0 ? 0 : 2]
    if (profile)
      results.push(runCourse({ ...courseOf(profile, 0.01, false, 0, seed * 7919 + n), declare }))
  }
  return {
    name,
    wrongBefore: results.reduce(
      (sum, { wrong, wrongAfterDetection }) => sum + wrong - wrongAfterDetection,
      0,
    ),
    wrongAfter: results.reduce((sum, { wrongAfterDetection }) => sum + wrongAfterDetection, 0),
    detectedAt: results.map(({ detectedAt }) => detectedAt),
  }
})

const seconds = (performance.now() - started) / 1000
const failures = totals.flatMap(({ failures: found }) => found)
const report = { frames, seed, seconds, rows: totals.map((one) => one.row()), lies }
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else process.stdout.write(`${tableOf(report)}\n`)
for (const failure of failures.slice(0, 10)) process.stderr.write(`${failure}\n`)
const wrongAfter = lies.reduce((sum, lie) => sum + lie.wrongAfter, 0)
process.exitCode = failures.length > 0 || wrongAfter > 0 ? 1 : 0
