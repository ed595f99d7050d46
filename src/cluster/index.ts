export { Cluster, type ClusterOptions } from './cluster.js'
export type { ClusterNews, PartitionKeeper } from './membership.js'
export { openCluster } from './open-cluster.js'
export {
  type OpenQueues,
  type QueueChannel,
  type QueueConnection,
  QueueError,
  type QueueMessage,
} from './queue-port.js'
export { rabbitQueues } from './rabbit-queues.js'
export { RedisStore } from './redis-store.js'
export { SharedGroup, type SharedGroupOptions } from './shared-group.js'
export type { TakenState } from './state-marks.js'
export type { KeptState, StateStore } from './state-store.js'
export type { Step } from './step.js'
