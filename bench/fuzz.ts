import { parseArgs } from 'node:util'
import { fuzzKinds, runFuzz } from './fuzz/course.js'

/**
 * Spoils frames at random and hands them to a device's stream; exits with 1 where a refused frame changed its state, or
 * one took longer than a millisecond on average.
 *
 * node dist/bench/fuzz.js --frames 1000000 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const each = Math.ceil(Number(values.frames) / fuzzKinds.length)
const seed = Number(values.seed)

const started = performance.now()
const results = fuzzKinds.map((kind) => ({ kind, ...runFuzz(seed, kind, each) }))
const seconds = (performance.now() - started) / 1000
const sum = (of: (result: (typeof results)[number]) => number) =>
  results.reduce((total, result) => total + of(result), 0)
const report = {
  frames: sum(({ frames }) => frames),
  faults: sum(({ faults }) => faults),
  changed: sum(({ changed }) => changed),
  worstMs: Math.max(...results.map(({ worstMs }) => worstMs)),
  seed,
  seconds,
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const { frames, faults, changed, worstMs } = report
  process.stdout.write(
    `${frames} frames, seed ${seed}, ${seconds.toFixed(0)} s: ${faults} refused, ${changed} of them changed something, slowest ${worstMs.toFixed(2)} ms\n`,
  )
}
for (const { failure } of results) if (failure !== '') process.stderr.write(`${failure}\n`)
process.exitCode = report.changed > 0 ? 1 : 0
