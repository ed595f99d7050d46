import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { ClusterConfig, ClusterTopics, Configuration } from '../config/index.js'
import { brokerDoor } from '../transport/index.js'
import { Cluster } from './cluster.js'
import { DealingProbe } from './dealing-probe.js'
import { LEASE_MS } from './lane.js'
import type { ClusterNews } from './membership.js'
import { rabbitQueues } from './rabbit-queues.js'
import { RedisLanes } from './redis-lanes.js'
import { RedisStore } from './redis-store.js'
import { SharedGroup } from './shared-group.js'

interface Surroundings {
  readonly clock: Clock
  /** Tells this run of this bridge from all others. */
  readonly run: string
  readonly news: ClusterNews
}

/** The cluster that a configuration asks for; nothing is opened yet. */
export function openCluster(
  config: ClusterConfig,
  configuration: Configuration,
  around: Surroundings,
): Cluster | SharedGroup {
  const { group, frames, tls, state } = config
  const { broker, bridge } = configuration
  const { clock, run } = around
  if (frames.kind === 'mqtt') return openTopics(config, frames, configuration, around)
  const access =
    broker.kind === 'external'
      ? { username: broker.username, password: broker.password, tls: tls ?? broker.tls }
      : {}
  return new Cluster({
    ...frames,
    ...around,
    group,
    address: frames.urls.join(', '),
    openQueues: rabbitQueues({ urls: frames.urls, ...access, name: `alec-bridge ${bridge.id}` }),
    store: new RedisStore({ ...state, group, run, clock }),
  })
}

/** So many messages may be on their way to us without being acknowledged. */
const RECEIVE_MAXIMUM = 2000

function openTopics(
  { group, tls, state }: ClusterConfig,
  { urls }: ClusterTopics,
  { broker, bridge, baseTopic }: Configuration,
  around: Surroundings,
): SharedGroup {
  if (broker.kind === 'embedded') throw new TypeError('the embedded broker shares nothing')
  const { clock, run } = around
  const access = {
    ...broker,
    protocol: '5' as const,
    ...(urls && { urls }),
    ...(tls && { tls: { ...tls, insecure: false } }),
  }
  const clientId = broker.clientId ?? `alec-${bridge.id}`
  const door = (id: string, shared: string, receiveMaximum: number) =>
    // With its session ends what the broker would keep for us: others get it at once.
    brokerDoor(
      access,
      { clientId: `${clientId}-${id}`, clean: true, group: shared, receiveMaximum },
      clock,
    )
  return new SharedGroup({
    ...around,
    group,
    door: door('in', group, RECEIVE_MAXIMUM),
    probe: () => {
      const nonce = randomBytes(6).toString('hex')
      const probed = `${group}-probe-${nonce}`
      return new DealingProbe({
        doors: [door('probe-1', probed, 1), door('probe-2', probed, 1)],
        topic: `${baseTopic}/bridge/${bridge.id}/probe/${nonce}`,
        clock,
      })
    },
    store: new RedisLanes({ ...state, group, run, clock, leaseMs: LEASE_MS }),
  })
}
