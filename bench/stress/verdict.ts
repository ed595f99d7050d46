import { machine } from '../machine.js'
import type { ComparisonResult, CourseResult } from './measure.js'

export interface StressResult {
  readonly courses: readonly CourseResult[]
  readonly comparisons: readonly ComparisonResult[]
}

/** What is not as it must be, a line each. A target that was missed is none of it. */
export function failuresOf({ courses, comparisons }: StressResult): readonly string[] {
  return [
    ...courses.flatMap(({ name, unit, median, floor = 0 }) =>
      median >= floor
        ? []
        : [`${name}: ${whole(median)} ${unit}/s, at least ${whole(floor)} must be reached`],
    ),
    ...comparisons.flatMap(({ name, ratio, most }) =>
      ratio <= most
        ? []
        : [`${name}: ${ratio.toFixed(2)} times as long, at most ${most} is allowed`],
    ),
  ]
}

/** The result as a table, or as one JSON document. */
export function report(result: StressResult, runs: number, json: boolean): string {
  const failures = failuresOf(result)
  if (json) {
    const document = { machine: machine(), runs, ...result, failures, ok: failures.length === 0 }
    return `${JSON.stringify(document)}\n`
  }
  const lines = [
    `medians of ${runs} runs, ${machine()}`,
    ...result.courses.map(courseLine),
    ...result.comparisons.map(
      ({ name, ratio, most }) =>
        `${name.padEnd(NAME_WIDTH)} ${ratio.toFixed(2).padStart(RATE_WIDTH)} times as long (at most ${most})`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const NAME_WIDTH = 34
const RATE_WIDTH = 12

function courseLine({ name, unit, median, least, most, floor, target }: CourseResult): string {
  const limits = [
    ...(floor === undefined ? [] : [`floor ${words(floor)}`]),
    ...(target === undefined ? [] : [`target ${words(target)}`]),
  ]
  const spread = `${words(least)} to ${words(most)}`
  const told = [spread, ...limits].join(', ')
  return `${name.padEnd(NAME_WIDTH)} ${words(median).padStart(RATE_WIDTH)} ${unit}/s (${told})`
}

const words = (rate: number): string =>
  rate.toLocaleString('en', { maximumSignificantDigits: 3, maximumFractionDigits: 0 })

const whole = (rate: number): string => rate.toLocaleString('en', { maximumFractionDigits: 0 })
