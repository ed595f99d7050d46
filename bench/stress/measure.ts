import type { Compared, Comparison, Course, Work } from './course.js'

export interface MeasureOptions {
  /** Timed runs; two more go before them, so that the machine code is there. */
  readonly runs: number
  /** Of the whole work of each run. */
  readonly share: number
}

const WARM_UP = 2

export interface CourseResult {
  readonly name: string
  readonly unit: string
  /** Units a second: the median of the runs, the slowest and the fastest. */
  readonly median: number
  readonly least: number
  readonly most: number
  readonly floor?: number
  readonly target?: number
}

export interface ComparisonResult {
  readonly name: string
  /** The median of the runs' ratios. */
  readonly ratio: number
  readonly most: number
}

export async function measure(
  course: Course,
  { runs, share }: MeasureOptions,
): Promise<CourseResult> {
  const rates: number[] = []
  for (let run = -WARM_UP; run < runs; run++) {
    const { units, seconds } = await timed(await course.prepare(share))
    if (run >= 0) rates.push(units / seconds)
  }
  const { name, unit, floor, target } = course
  return {
    name,
    unit,
    median: medianOf(rates),
    least: Math.min(...rates),
    most: Math.max(...rates),
    ...(floor !== undefined && { floor }),
    ...(target !== undefined && { target }),
  }
}

/**
 * Work and baseline in turn, so that what else the machine does meets both; in processor time, so that waiting for a
 * processor meets neither.
 */
export async function compare(
  comparison: Comparison,
  options: MeasureOptions,
): Promise<ComparisonResult> {
  const { name, most } = comparison
  const ratio = await medianRatio(comparison, options)
  if (ratio <= most) return { name, ratio, most }
  // The machine may have had other things to do: what is slow is slow a second time.
  return { name, ratio: Math.min(ratio, await medianRatio(comparison, options)), most }
}

async function medianRatio(
  comparison: Comparison,
  { runs, share }: MeasureOptions,
): Promise<number> {
  const ratios: number[] = []
  for (let run = -WARM_UP; run < runs; run++) {
    const ratio = await ratioOf(await comparison.prepare(share))
    if (run >= 0) ratios.push(ratio)
  }
  return medianOf(ratios)
}

async function ratioOf({ work, baseline }: Compared): Promise<number> {
  const base = await timed(baseline)
  const real = await timed(work)
  return real.processor / real.units / (base.processor / base.units)
}

/** `seconds` on the wall; `processor`: microseconds of processor time. */
async function timed(
  work: Work,
): Promise<{ readonly units: number; readonly seconds: number; readonly processor: number }> {
  const before = process.cpuUsage()
  const began = performance.now()
  const units = await work()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  return { units, seconds, processor: user + system }
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
