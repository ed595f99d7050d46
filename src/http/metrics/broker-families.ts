import type { DropReason } from '../../transport/index.js'
import type { BrokerView, Views } from '../views.js'
import { byLabel, type Family, type Sample } from './family.js'

/** A counter that begins where it is first needed has no increase then, and wakes nobody. */
const NOTHING_DROPPED: Readonly<Record<DropReason, number>> = {
  away: 0,
  'queue-full': 0,
  'too-large': 0,
  'illegal-topic': 0,
  refused: 0,
  poison: 0,
  stopped: 0,
}

/**
 * What leaves for the broker. Every publication that was submitted is acknowledged, dropped, superseded or given back, or
 * it waits, or it is on its way.
 */
export function publicationFamilies(publisher: Views['publisher']): Family[] {
  type Counters = ReturnType<Views['publisher']['counters']>
  const one = (
    name: string,
    type: Family['type'],
    help: string,
    read: (counters: Counters) => number,
  ): Family => ({ name, help, type, read: () => [[read(publisher.counters())]] })
  return [
    one(
      'publications_submitted_total',
      'counter',
      'Publications that were submitted.',
      ({ submitted }) => submitted,
    ),
    one(
      'publications_acknowledged_total',
      'counter',
      'Publications that the broker has.',
      ({ acknowledged }) => acknowledged,
    ),
    one(
      'publications_superseded_total',
      'counter',
      'Publications in whose place something newer was said.',
      ({ superseded }) => superseded,
    ),
    one(
      'publications_given_back_total',
      'counter',
      'Publications that were given back to the journal, which brings them again.',
      ({ givenBack }) => givenBack,
    ),
    {
      name: 'publications_dropped_total',
      help: 'Publications that never arrive, by reason.',
      type: 'counter',
      labels: ['reason'],
      read: () => byLabel('reason', { ...NOTHING_DROPPED, ...publisher.counters().dropped }),
    },
    one(
      'publications_sent_total',
      'counter',
      'Messages that were sent, repeated ones among them.',
      (of) => of.published,
    ),
    one('publications_queued', 'gauge', 'Publications that wait.', (of) => of.queuedMessages),
    one(
      'publication_queue_bytes',
      'gauge',
      'Memory that waiting publications take.',
      (of) => of.queuedBytes,
    ),
    one(
      'publications_in_flight',
      'gauge',
      'Publications that are sent and not acknowledged.',
      ({ inFlight }) => inFlight,
    ),
    one('births_total', 'counter', 'Times that everything retained was said.', (of) => of.births),
  ]
}

/** The connections to the broker, and the broker itself where it is ours. */
export function brokerFamilies({ input, output, embedded }: BrokerView): Family[] {
  const links = { input, output }
  const each = (read: (link: BrokerView['input']) => number) => () =>
    Object.entries(links).map(([link, of]): Sample => [read(of), { link }])
  const counted = (
    name: string,
    help: string,
    read: (counters: ReturnType<BrokerView['input']['counters']>) => number,
  ): Family => ({
    name: `broker_${name}_total`,
    help,
    type: 'counter',
    labels: ['link'],
    read: each((link) => read(link.counters())),
  })
  return [
    {
      name: 'broker_up',
      help: 'Whether a link to the broker is open: frames come by the input, publications leave by the output.',
      type: 'gauge',
      labels: ['link'],
      read: each(({ state }) => Number(state.kind === 'open')),
    },
    counted('connections', 'Times that a link was opened.', ({ connections }) => connections),
    counted(
      'sessions_lost',
      'Connections that the broker began without the session that it should have kept.',
      ({ sessionsLost }) => sessionsLost,
    ),
    counted('unrouted_messages', 'Messages that nobody wants any more.', (of) => of.unrouted),
    ...(embedded ? embeddedFamilies(embedded) : []),
  ]
}

const embeddedFamilies = (embedded: NonNullable<BrokerView['embedded']>): Family[] => [
  {
    name: 'embedded_broker_connections',
    help: 'Sockets at the embedded broker.',
    type: 'gauge',
    read: () => [[embedded.counters().connected]],
  },
  {
    name: 'embedded_broker_accepted_total',
    help: 'Clients that the embedded broker let in.',
    type: 'counter',
    read: () => [[embedded.counters().accepted]],
  },
  {
    name: 'embedded_broker_refused_total',
    help: 'Connections, packets, publications and subscriptions that the embedded broker refused.',
    type: 'counter',
    labels: ['reason'],
    read: () => byLabel('reason', embedded.counters().refused),
  },
  {
    name: 'embedded_broker_errors_total',
    help: 'Connections to the embedded broker that ended with an error.',
    type: 'counter',
    read: () => [[embedded.counters().errors]],
  },
]
