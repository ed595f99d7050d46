import { machine } from './machine.js'
import { percentile } from './percentile.js'

/** The same thing measured several times. */
export interface Measurement {
  readonly name: string
  readonly unit: string
  /** One of each round. */
  readonly values: readonly number[]
  /** What it should be at least, or at most. */
  readonly target?: string
}

export interface MeasuredRow {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly target?: string
}

/** What a script of measurements prints with `--json`. */
export interface MeasuredDocument {
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly measured: readonly MeasuredRow[]
  readonly failures: readonly string[]
  readonly ok: boolean
}

export const rowOf = ({ name, unit, values, target }: Measurement): MeasuredRow => ({
  name,
  unit,
  median: percentile(values, 0.5),
  least: Math.min(...values),
  most: Math.max(...values),
  ...(target !== undefined && { target }),
})

/** Rows as a table: name, median, spread, unit, target. */
export function table(rows: readonly MeasuredRow[]): string {
  const cells = rows.map(({ name, unit, median, least, most, target }) => [
    name,
    words(median),
    `${words(least)} to ${words(most)}`,
    target === undefined ? unit : `${unit} (target ${target})`,
  ])
  const heads = ['what', 'median', 'spread', 'unit']
  const widths = heads.map((head, n) =>
    Math.max(head.length, ...cells.map((row) => row[n]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) =>
        n === 1 || n === 2 ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return `${[heads, ...cells].map(line).join('\n')}\n`
}

/**
 * Prints measurements, as a table or as one JSON document, and failures on stderr; with any the process ends with 1.
 */
export function printMeasurements(
  measurements: readonly Measurement[],
  failures: readonly string[],
  json: boolean,
  versions: Readonly<Record<string, string>> = {},
): void {
  const measured = measurements.map(rowOf)
  const ok = failures.length === 0
  const all = { node: process.versions.node, ...versions }
  const document: MeasuredDocument = { machine: machine(), versions: all, measured, failures, ok }
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${machine()}\n${table(measured)}`)
  for (const failure of failures) process.stderr.write(`${failure}\n`)
  if (!ok) process.exitCode = 1
}

/** Three digits, as many as such a figure is worth. */
const words = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
