import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Cluster, SharedGroup } from '../cluster/index.js'
import type { Configuration } from '../config/index.js'
import { ClusterLog } from '../control/index.js'
import { letNewGrow } from '../heap-growth.js'
import type { Log } from '../log.js'

/** The group of bridges that a configuration names; nothing is opened yet. */
export async function clusterOf(
  configuration: Configuration,
  clock: Clock,
  log: Log,
): Promise<Cluster | SharedGroup | undefined> {
  const { cluster, bridge } = configuration
  if (!cluster) return undefined
  letNewGrow()
  // What a bridge on its own never needs stays on the disk.
  const { openCluster } = await import('../cluster/index.js')
  const run = `${bridge.id}.${randomBytes(6).toString('hex')}`
  return openCluster(cluster, configuration, { clock, run, news: new ClusterLog(log) })
}
