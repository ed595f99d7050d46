import type { Fault } from './catalogue.js'
import type { Promised } from './promises.js'

/** What one script said, kept beside the document. */
export interface Result {
  readonly command: string
  readonly ok: boolean
  /** ISO 8601. */
  readonly at: string
  readonly tookS: number
  readonly machine: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly failures: readonly string[]
}

export type Results = Readonly<Record<string, Result>>

const LEFT_OUT = new Set(['machine', 'ok', 'failures', 'rows', 'table', 'events'])

/** The report as Markdown: what was promised, what was done, what came of it. */
export function documentOf(
  promises: readonly Promised[],
  results: Results,
  faults: readonly Fault[],
): string {
  const rows = promises.map(({ name, promise }) => {
    const result = results[name]
    if (!result) return `| ${promise} | **not run** | | |`
    const { ok, figures, failures, command, at, machine } = result
    const said = Object.entries(figures)
      .filter(([key, value]) => !LEFT_OUT.has(key) && typeof value !== 'object')
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')
    const held = ok ? 'held' : `**failed**: ${failures[0] ?? 'see the figures'}`
    return `| ${promise} | ${held} | ${cell(said)} | \`${command}\`, ${at.slice(0, 10)}, ${machine} |`
  })
  const tests = faults.map(({ number, tests: names }) => {
    const [first = '', ...others] = names
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    return `| ${number} | ${names.length > 0 ? cell(first) + more : '**no test carries this number**'} |`
  })
  return [
    '# Reliability report',
    '',
    'Made by `npm run report` (`-- --short` for the short forms, `-- --only NAME` for one); the raw results are in [reliability.json](reliability.json). What has failed is said so.',
    '',
    '| promise | | figures | command, day, machine |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Faults and their tests',
    '',
    'Each fault of the catalogue, and the test that carries its number.',
    '',
    '| fault | test |',
    '| --- | --- |',
    ...tests,
    '',
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
