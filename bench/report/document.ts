import { rounded } from '../figures.js'
import type { Fault } from './catalogue.js'
import type { Promised } from './promises.js'

/** What one script said, kept beside the document. */
export interface Result {
  readonly command: string
  readonly ok: boolean
  /** `short` proves less than was promised. */
  readonly form: 'full' | 'short'
  /** The machine's load when it began: more than its cores, and times say little. */
  readonly load: number
  /** ISO 8601. */
  readonly at: string
  readonly tookS: number
  readonly machine: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly failures: readonly string[]
}

export type Results = Readonly<Record<string, Result>>

const LEFT_OUT = new Set(['machine', 'ok', 'failures', 'rows', 'table', 'events', 'outcomes'])

/** The report as Markdown: what was promised, what was done, what came of it. */
export function documentOf(
  promises: readonly Promised[],
  results: Results,
  faults: readonly Fault[],
  untested: Readonly<Record<string, string>>,
): string {
  const rows = promises.map(({ name, promise }) => {
    const result = results[name]
    if (!result) return `| ${promise} | **not run** | | |`
    const { ok, form, figures, failures, command, at, tookS, machine, load } = result
    const said = Object.entries(figures)
      .filter(([key, value]) => !LEFT_OUT.has(key) && typeof value !== 'object')
      .map(([key, value]) => `${key} ${typeof value === 'number' ? rounded(value, 3) : value}`)
      .join(', ')
    const held = form === 'short' ? 'held in the short form only' : 'held'
    const came = ok ? held : `**failed**: ${cell(failures[0] ?? 'see the figures')}`
    const where = `${at.slice(0, 10)}, ${tookS} s, ${machine}, load ${load}`
    return `| ${promise} | ${came} | ${cell(said)} | \`${command}\`, ${where} |`
  })
  const tests = faults.map(({ number, tests: names }) => {
    const none = `**no test carries this number**: ${untested[number] ?? 'nobody has said why'}`
    return `| ${number} | ${names.length > 0 ? names.map(cell).join('<br>') : none} |`
  })
  return [
    '# Reliability report',
    '',
    'Made by `npm run report` (`-- --short` for the short forms, `-- --only NAME` for one); the raw results are in [reliability.json](reliability.json). What has failed is said so. The load is that of the whole machine when the script began: where it is above the number of cores, latencies and times say more of the machine than of the bridge.',
    '',
    '| promise | | figures | command, day, machine |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Faults and their tests',
    '',
    'Each fault of the catalogue, and the tests that carry its number.',
    '',
    '| fault | test |',
    '| --- | --- |',
    ...tests,
    '',
  ].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
