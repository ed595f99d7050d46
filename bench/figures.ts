import { machine } from './machine.js'

/** One figure, or a word. */
export type Figures = Readonly<Record<string, number | string | boolean>>

/**
 * Prints figures, a line each or as one JSON document, and what was not as it should be on stderr; in that case the
 * process ends with 1.
 */
export function printFigures(figures: Figures, failures: readonly string[], json: boolean): void {
  const all = { ...figures, machine: machine(), ok: failures.length === 0 }
  const text = json
    ? `${JSON.stringify({ ...all, failures: failures.slice(0, 20) })}\n`
    : Object.entries(all)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join('')
  process.stdout.write(text)
  for (const failure of failures.slice(0, 20)) process.stderr.write(`${failure}\n`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits))
