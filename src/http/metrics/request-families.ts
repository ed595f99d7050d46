import type { Refusals } from '../refusals.js'
import type { DeskView } from '../views.js'
import { byLabel, type Family } from './family.js'

/** What the bridge is asked for, and who is not let in at the window. */
export const requestFamilies = (
  desk: Pick<DeskView, 'tally'>,
  refusals: Pick<Refusals, 'snapshot'>,
): Family[] => [
  {
    name: 'requests_total',
    help: 'Requests over MQTT and HTTP, by what was asked for and what came of it.',
    type: 'counter',
    labels: ['verb', 'outcome'],
    read: () => Array.from(desk.tally(), ({ verb, outcome, count }) => [count, { verb, outcome }]),
  },
  {
    name: 'http_refused_total',
    help: 'Requests over HTTP of those who are not let in, or not to that, by reason.',
    type: 'counter',
    labels: ['reason'],
    read: () => byLabel('reason', refusals.snapshot()),
  },
]
