import type { Clock } from '../clock.js'
import type { ClusterConfig, Configuration } from '../config/index.js'
import { Cluster, type ClusterNews } from './cluster.js'
import { rabbitQueues } from './rabbit-queues.js'
import { RedisStore } from './redis-store.js'

/** The cluster that a configuration asks for; nothing is opened yet. `run` tells this run of this bridge from all others. */
export function openCluster(
  config: ClusterConfig,
  { broker, bridge }: Configuration,
  { clock, run, news }: { readonly clock: Clock; readonly run: string; readonly news: ClusterNews },
): Cluster {
  const { group, partitions, prefetch, amqp, state } = config
  const access =
    broker.kind === 'external'
      ? { username: broker.username, password: broker.password, tls: broker.tls }
      : {}
  return new Cluster({
    group,
    partitions,
    prefetch,
    address: amqp.join(', '),
    openQueues: rabbitQueues({ urls: amqp, ...access, name: `alec-bridge ${bridge.id}` }),
    store: new RedisStore({ ...state, group, run, clock }),
    run,
    clock,
    news,
  })
}
