import type { MeasuredDocument, MeasuredRow } from '../measurement.js'
import type { FleetFigures } from '../scale/measure.js'
import type { StressResult } from '../stress/verdict.js'

/** The rows of a document as the stress prints it. */
function stressRows({ courses, comparisons }: StressResult): readonly MeasuredRow[] {
  return [
    ...courses.map(({ name, unit, median, least, most, target }) => ({
      name,
      unit: `${unit}/s`,
      median,
      least,
      most,
      ...(target !== undefined && { target: `≥ ${target}` }),
    })),
    ...comparisons.map(({ name, ratio, most }) => ({
      name,
      unit: 'times',
      median: ratio,
      least: ratio,
      most: ratio,
      target: `≤ ${most}`,
    })),
  ]
}

/** The rows of a document of fleets by size. */
function scaleRows(fleets: readonly FleetFigures[]): readonly MeasuredRow[] {
  return fleets.flatMap(({ devices, rssMiB, bytesHeard, nsPerFrame }) => {
    const row = (name: string, value: number, unit: string, target?: string): MeasuredRow => ({
      name: `${devices} devices: ${name}`,
      unit,
      median: value,
      least: value,
      most: value,
      ...(target !== undefined && { target }),
    })
    return [
      row('memory of the process', rssMiB, 'MiB RSS', devices === 100_000 ? '≤ 200' : undefined),
      row('memory of each', bytesHeard, 'bytes', '≤ 1024'),
      row('time of a frame', nsPerFrame, 'ns'),
    ]
  })
}

/** The rows of whatever a script of the bench printed with `--json`. */
export function rowsOf(document: unknown): readonly MeasuredRow[] {
  const { measured, courses, comparisons, rows } = document as Partial<
    MeasuredDocument & StressResult & { readonly rows: readonly FleetFigures[] }
  >
  if (measured) return measured
  if (courses && comparisons) return stressRows({ courses, comparisons })
  if (rows) return scaleRows(rows)
  throw new TypeError('a script prints nothing that is known')
}
