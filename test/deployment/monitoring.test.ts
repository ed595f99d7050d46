import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { nameOf } from '../../src/http/metrics/family.js'
import { metricsRoutes } from '../../src/http/routes/metrics.js'
import { everyFamily } from '../http/every-family.js'
import { askedBy, isBalanced } from '../support/promql.js'
import { ROOT } from './unit-file.js'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const families = new Map(everyFamily().map((family) => [nameOf(family), family]))
/** Prometheus gives these to whatever it scrapes. */
const TARGET_LABELS = ['instance', 'job']
const COUNTING = ['rate', 'increase']

/** What is wrong with an expression: metrics and labels that there are not, and counters taken for what they are not. */
function faultsOf(expression: string): string[] {
  const faults = isBalanced(expression) ? [] : ['brackets']
  const asked = askedBy(expression)
  if (asked.length === 0) faults.push('asks for nothing')
  for (const { metric, labels, within, isRange } of asked) {
    if (metric === 'up') continue
    const family = families.get(metric)
    if (!family) {
      faults.push(`there is no ${metric}`)
      continue
    }
    const known = [...TARGET_LABELS, ...(family.labels ?? [])]
    for (const label of labels)
      if (!known.includes(label)) faults.push(`${metric} has no label ${label}`)
    const counts = COUNTING.includes(within)
    if (counts !== (family.type === 'counter')) faults.push(`${metric} is a ${family.type}`)
    if (counts && !isRange) faults.push(`${metric} needs a range`)
  }
  return faults
}

describe('an expression', () => {
  it.each([
    ['rate(alec_bridge_frames_total{verdict="decoded"}[5m])', []],
    [
      'rate(alec_bridge_frames_total{kind="x"}[5m])',
      ['alec_bridge_frames_total has no label kind'],
    ],
    [
      'sum by (source) (rate(alec_bridge_frames_total[5m]))',
      ['alec_bridge_frames_total has no label source'],
    ],
    ['alec_bridge_frames_total', ['alec_bridge_frames_total is a counter']],
    ['rate(alec_bridge_devices[5m])', ['alec_bridge_devices is a gauge']],
    ['rate(alec_bridge_frames_total)', ['alec_bridge_frames_total needs a range']],
    ['(alec_bridge_devices', ['brackets']],
    ['alec_bridge_nonsense', ['there is no alec_bridge_nonsense']],
    ['1', ['asks for nothing']],
  ])('%s has the faults %j', (expression, faults) => {
    expect(faultsOf(expression)).toEqual(faults)
  })
})

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[]
}

describe('the dashboard for Grafana', () => {
  const dashboard: {
    readonly panels: readonly Panel[]
    readonly templating: {
      readonly list: readonly { readonly name: string; readonly query: unknown }[]
    }
  } = JSON.parse(read('config/grafana-dashboard.json'))
  const { panels } = dashboard
  const expressions = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat = '' }) => [title, expr, legendFormat] as const),
  )

  it('asks in every panel for what there is', () => {
    expect(expressions.length).toBeGreaterThan(40)
    const faults = expressions.flatMap(([title, expr]) =>
      faultsOf(expr).map((fault) => `${title}: ${fault}`),
    )
    expect(faults).toEqual([])
  })

  it('shows only what the chosen bridges say', () => {
    const names = dashboard.templating.list.map(({ name }) => name)
    expect(names).toEqual(['datasource', 'instance'])
    for (const [title, expr] of expressions)
      for (const { metric, labels } of askedBy(expr))
        expect(labels, `${title}: ${metric}`).toContain('instance')
  })

  it('names in its legends labels that are there', () => {
    for (const [title, expr, legend] of expressions) {
      const [, summed] = /\bby \(([^)]*)\)/.exec(expr) ?? []
      const [first] = askedBy(expr)
      const known = summed?.split(/,\s*/) ?? [
        ...TARGET_LABELS,
        ...(families.get(first?.metric ?? '')?.labels ?? []),
      ]
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
        expect(known, `${title}: ${legend}`).toContain(label)
    }
  })

  it('has panels that do not lie on each other', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })
})

describe('the alerts', () => {
  const { groups } = parse(read('config/prometheus-alerts.yaml')) as {
    groups: { rules: { alert: string; expr: string; labels: object; annotations: object }[] }[]
  }
  const rules = groups.flatMap((group) => group.rules)

  it.each(rules)('$alert is raised by what there is, and says what it is', (rule) => {
    expect(faultsOf(rule.expr)).toEqual([])
    expect(rule.labels).toMatchObject({ severity: expect.stringMatching(/^(?:warning|critical)$/) })
    const words = Object.values(rule.annotations).join(' ')
    expect(rule.annotations).toHaveProperty('summary')
    const [first] = askedBy(rule.expr)
    const known = [...TARGET_LABELS, ...(families.get(first?.metric ?? '')?.labels ?? [])]
    for (const [, label = ''] of words.matchAll(/\$labels\.(\w+)/g)) expect(known).toContain(label)
  })

  it('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })
})

describe('the example for Prometheus', () => {
  const document = parse(read('config/prometheus-scrape.yaml')) as {
    scrape_configs: { job_name: string; metrics_path?: string }[]
    rule_files: string[]
  }

  it('reads what the bridge shows, as the job that the alerts are about', () => {
    const [job] = document.scrape_configs
    const [route] = metricsRoutes(undefined as never)
    expect(job?.metrics_path ?? '/metrics').toBe(route?.path)
    for (const [, name] of read('config/prometheus-alerts.yaml').matchAll(/job="([^"]+)"/g))
      expect(name).toBe(job?.job_name)
    for (const file of document.rule_files) expect(read(`config/${file}`)).toContain('groups:')
  })
})
