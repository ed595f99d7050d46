import type { ClusterConfig } from './configuration.js'
import type { ClusterInput } from './schema/cluster.js'
import type { Secrets } from './secrets.js'

/** A bridge's part in a group, as the cluster takes it. */
export function clusterConfig(
  { amqp, group, partitions, prefetch, state }: ClusterInput,
  { state: secrets = {} }: Secrets,
): ClusterConfig {
  const { url, username = undefined } = typeof state === 'string' ? { url: state } : state
  return {
    amqp: [amqp].flat(),
    group,
    partitions,
    prefetch,
    state: { url, ...(username !== undefined && { username }), ...secrets },
  }
}
