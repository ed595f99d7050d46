import { parseArgs } from 'node:util'
import { type LineCourseResult, runLineCourse } from './line-faults/course.js'
import { bitErrorRates, failureOf, formats, lineCourseOf } from './line-faults/plan.js'

/**
 * Sends a device's frames over lines that flip bits, and holds every reading against what was measured: what
 * damage costs, and what gets through. Exits with 1 where CRC-32 let something through, or where a frame that
 * was whole was lost and no damaged one was before it.
 *
 * node dist/bench/line-faults.js --frames 1000000 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const cells = formats.flatMap((format) => bitErrorRates.map((bitErrors) => ({ format, bitErrors })))
const framesEach = Math.ceil(Number(values.frames) / cells.length)

const row = (name: string, bitErrors: number, result: LineCourseResult): string => {
  const { frames, damaged, lostWhole, madeUp, madeUpTaken, readings, good, wrong } = result
  const share = ((100 * good) / Math.max(1, readings)).toFixed(2)
  const numbers = [frames, damaged, lostWhole, madeUp, madeUpTaken, readings, `${share} %`, wrong]
  return `| ${[name, bitErrors.toExponential(0), ...numbers].join(' | ')} |`
}

const started = performance.now()
const results = cells.map(({ format, bitErrors }, n) => {
  const result = runLineCourse(lineCourseOf(format, { bitErrors }, framesEach, seed * 1009 + n))
  const name = `${format.framing}, ${format.crc}`
  return { name, bitErrors, result, failure: failureOf(format, result) }
})
const frames = results.reduce((sum, { result }) => sum + result.frames, 0)
const seconds = (performance.now() - started) / 1000
if (values.json) {
  const rows = results.map(({ name, bitErrors, result, failure }) => {
    const { counters: _counters, ...numbers } = result
    return { line: name, bitErrors, ...numbers, failure }
  })
  process.stdout.write(`${JSON.stringify({ frames, seed, seconds, rows })}\n`)
} else {
  const head =
    'line | bit errors | frames | damaged | lost though whole | made up | of these decoded | readings | good | good but wrong'
  const rule = head.replace(/[^|]+/g, '---')
  const table = results.map(({ name, bitErrors, result }) => row(name, bitErrors, result))
  const lines = [`| ${head} |`, `|${rule}|`, ...table, '']
  process.stdout.write(
    `${lines.join('\n')}\n${frames} frames, seed ${seed}, ${seconds.toFixed(0)} s\n`,
  )
}
const failures = results.flatMap(({ name, bitErrors, failure }) =>
  failure === undefined ? [] : [`${name} at ${bitErrors}: ${failure}`],
)
for (const failure of failures) process.stderr.write(`${failure}\n`)
process.exitCode = failures.length > 0 ? 1 : 0
