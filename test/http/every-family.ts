import { Watch } from '../../src/http/feed/watch.js'
import type { Family } from '../../src/http/metrics/family.js'
import { Metrics } from '../../src/http/metrics/metrics.js'
import { noRefusals, nothing } from './opened-window.js'

/** Every metric that there can be: of a bridge with a journal and a broker of its own. */
export function everyFamily(): readonly Family[] {
  const counters = () => ({ connected: 0, accepted: 0, refused: {}, errors: 0 })
  const views = {
    ...nothing,
    broker: { ...nothing.broker, embedded: { counters } },
    journal: {
      ...{ bytes: 0, fill: 0, idle: true, lastOrdinal: 0, settled: 0 },
      state: { kind: 'working' } as const,
      counters: () => ({ written: 0, unjournaled: 0, commits: 0, failures: 0, lost: 0 }),
    },
  }
  const refusals = noRefusals()
  return new Metrics({ views, watch: new Watch(1), devices: 1, refusals, startedAt: 0 }).families
}
