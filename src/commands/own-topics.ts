import type { Configuration } from '../config/index.js'
import { type BridgeTopics, bridgeTopics } from '../outputs/index.js'

/** The topics of the bridge that a configuration describes; several that share their devices have a level each. */
export const ownTopics = ({ baseTopic, bridge, cluster }: Configuration): BridgeTopics =>
  bridgeTopics(baseTopic, cluster && bridge.id)
