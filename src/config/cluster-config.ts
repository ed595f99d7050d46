import type { ClusterConfig } from './configuration.js'
import type { ClusterInput } from './schema/cluster.js'
import type { Secrets } from './secrets.js'

/** A bridge's part in a group, as the cluster takes it. */
export function clusterConfig(
  input: ClusterInput,
  secrets: Secrets['cluster'] = {},
): ClusterConfig {
  const { group, state, tls } = input
  const { url, username = undefined } = typeof state === 'string' ? { url: state } : state
  return {
    group,
    frames: framesConfig(input),
    ...(tls && { tls: secrets.tls ?? {} }),
    state: { url, ...(username !== undefined && { username }), ...secrets.state },
  }
}

function framesConfig({ amqp, mqtt, partitions, prefetch }: ClusterInput): ClusterConfig['frames'] {
  if (amqp !== undefined) return { kind: 'amqp', urls: [amqp].flat(), partitions, prefetch }
  return { kind: 'mqtt', ...(mqtt !== undefined && mqtt !== 'broker' && { urls: [mqtt].flat() }) }
}
