import { createRequire } from 'node:module'

export interface PrometheusFamily {
  readonly name: string
  readonly help: string
  readonly type: 'COUNTER' | 'GAUGE' | 'UNTYPED'
  readonly metrics: readonly {
    readonly value: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

/** It has no types, and its `module` is none that Node would take. */
const parse: (text: string) => readonly PrometheusFamily[] = createRequire(import.meta.url)(
  'parse-prometheus-text-format',
)

/** What a scrape has brought, by the names of its metrics. */
export class Scrape {
  readonly text: string
  readonly families: ReadonlyMap<string, PrometheusFamily>

  constructor(text: string) {
    this.text = text
    this.families = new Map(parse(text).map((family) => [family.name, family]))
  }

  /** The sum of the series of a metric that have these labels; NaN where there is no such metric. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const series = this.series(name).filter(([, has]) =>
      Object.entries(labels).every(([label, value]) => has[label] === value),
    )
    return this.families.has(name) ? series.reduce((sum, [value]) => sum + value, 0) : Number.NaN
  }

  series(name: string): (readonly [value: number, labels: Readonly<Record<string, string>>])[] {
    return (this.families.get(name)?.metrics ?? []).map(
      ({ value, labels = {} }) => [Number(value), labels] as const,
    )
  }
}

const NAME = /^[a-z_][a-z0-9_]*$/
/** Units that are no base units, and abbreviations of units: what `promtool check metrics` complains of. */
const WRONG_UNITS =
  'milliseconds microseconds nanoseconds minutes hours days weeks ms us ns kilobytes megabytes gigabytes kib mib bits percent celsius_degrees s sec b kb mb'.split(
    ' ',
  )
const RESERVED_LABELS = ['le', 'quantile', 'job', 'instance', '__name__']

/** What `promtool check metrics` would complain of, and what breaks the text format. */
export function promtoolComplaints(text: string): string[] {
  const complaints: string[] = []
  const { families } = new Scrape(text)
  for (const { name, help, type, metrics } of families.values()) {
    const must = (holds: boolean, fault: string) => {
      if (!holds) complaints.push(`${name}: ${fault}`)
    }
    must(NAME.test(name), 'is no snake_case name')
    must(help.length > 0, 'no help text')
    must(type !== 'UNTYPED', 'no type')
    must(type !== 'COUNTER' || name.endsWith('_total'), 'counters end in _total')
    must(type === 'COUNTER' || !name.endsWith('_total'), 'only counters end in _total')
    must(!/(?:^|_)(?:gauge|counter|histogram|summary)(?:_|$)/.test(name), 'names its type')
    const words = name.replace(/_total$/, '').split('_')
    must(!WRONG_UNITS.includes(words.at(-1) ?? ''), 'has a unit that is no base unit')
    for (const { value, labels = {} } of metrics) {
      must(value !== 'NaN' && !Number.isNaN(Number(value)), `value ${value}`)
      must(type !== 'COUNTER' || Number(value) >= 0, `a counter of ${value}`)
      for (const label of Object.keys(labels))
        must(NAME.test(label) && !RESERVED_LABELS.includes(label), `label ${label}`)
    }
  }
  const lines = text.split('\n')
  const series = lines.flatMap((line) => /^([a-z][^ ]*(?:\{.*\})?) /.exec(line)?.[1] ?? [])
  for (const [at, one] of series.entries())
    if (series.indexOf(one) !== at) complaints.push(`${one}: twice`)
  for (const kind of ['HELP', 'TYPE']) {
    const named = lines.flatMap((line) => line.match(`^# ${kind} (\\S+)`)?.[1] ?? [])
    for (const [at, one] of named.entries())
      if (named.indexOf(one) !== at) complaints.push(`${one}: ${kind} twice`)
    if (named.length !== families.size) complaints.push(`${named.length} ${kind} lines`)
  }
  if (!text.endsWith('\n')) complaints.push('the last line has no end')
  return complaints
}
