import { withoutCredentials } from '../../names.js'
import type { Report } from '../feed/watch.js'
import { byLabel, type Family, type Sample } from './family.js'

const STATUSES = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const
const LEVELS = ['normal', 'light', 'moderate', 'heavy', 'emergency'] as const

/** How the bridge is, as its last report says. */
export function healthFamilies(report: () => Report): Family[] {
  return [
    {
      name: 'health',
      help: 'The health of the bridge: 1 for what it is.',
      type: 'gauge',
      labels: ['status'],
      read: () => stateSet(report().health.status),
    },
    {
      name: 'component_health',
      help: 'The health of each part of the bridge: 1 for what it is.',
      type: 'gauge',
      labels: ['component', 'status'],
      read: () =>
        report().health.checks.flatMap(({ component, status }) =>
          stateSet(status, withoutCredentials(component)),
        ),
    },
    {
      name: 'degradation_level',
      help: 'How much is left undone under pressure: 0 nothing, 4 everything that can be.',
      type: 'gauge',
      read: () => [[LEVELS.indexOf(report().degradation)]],
    },
    {
      name: 'shed_total',
      help: 'What was left undone under pressure.',
      type: 'counter',
      labels: ['feature'],
      read: () => byLabel('feature', Object.fromEntries(report().shed)),
    },
    {
      name: 'event_loop_delay_seconds',
      help: 'The longest that the process was held up in the last five seconds.',
      type: 'gauge',
      read: () => latencyOf(report(), 'event-loop'),
    },
    {
      name: 'broker_latency_seconds',
      help: 'How long the broker takes to acknowledge.',
      type: 'gauge',
      read: () => latencyOf(report(), 'broker'),
    },
  ]
}

const stateSet = (status: string, component?: string): Sample[] =>
  STATUSES.map((one) => [
    Number(one === status),
    { ...(component !== undefined && { component }), status: one },
  ])

function latencyOf({ health }: Report, wanted: string): Sample[] {
  const check = health.checks.find(({ component }) => component === wanted)
  return check?.latencyMs === undefined ? [] : [[check.latencyMs / 1000]]
}
