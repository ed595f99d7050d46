import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import type { Clock } from '../clock.js'
import type { Cluster, SharedGroup } from '../cluster/index.js'
import type { Configuration } from '../config/index.js'
import { ClusterLog } from '../control/index.js'
import type { Log } from '../log.js'

/** The group of bridges that a configuration names; nothing is opened yet. */
export async function clusterOf(
  configuration: Configuration,
  clock: Clock,
  log: Log,
): Promise<Cluster | SharedGroup | undefined> {
  const { cluster, bridge } = configuration
  if (!cluster) return undefined
  // A bridge on its own keeps the engine's heap for what is new small. Here thousands of frames are on their way at once,
  // each with its device's state, and would all be copied again and again: it grows as the engine is used to, up to what
  // whoever starts it allows.
  setFlagsFromString('--semi-space-growth-factor=2')
  // What a bridge on its own never needs stays on the disk.
  const { openCluster } = await import('../cluster/index.js')
  const run = `${bridge.id}.${randomBytes(6).toString('hex')}`
  return openCluster(cluster, configuration, { clock, run, news: new ClusterLog(log) })
}
