export { type BrokerAccess, type BrokerIdentity, brokerDoor } from './broker-client.js'
export { embeddedDoor } from './broker-embedded.js'
export { BrokerError, type BrokerErrorCode } from './broker-error.js'
export { type BrokerLinks, type BrokerLinksOptions, connectBroker } from './broker-links.js'
export type {
  BrokerAbilities,
  BrokerConnection,
  BrokerDoor,
  ConnectionEnd,
  ConnectionHandlers,
  IncomingMessage,
  OutgoingMessage,
} from './broker-port.js'
export {
  EmbeddedBroker,
  type EmbeddedBrokerCounters,
  type EmbeddedBrokerOptions,
} from './embedded-broker.js'
export { Inlets, type InletsChange, type InletsConfig, type InletsOptions } from './inlets.js'
export type { ByteLine, LineDoor, LineEnd, LineHandlers } from './line-door.js'
export { LineError, type LineErrorCode } from './line-error.js'
export { type LineSettings, lineSettings, NO_ADDRESS } from './line-settings.js'
export { createLineSource, type LinePorts, LineSource } from './line-source.js'
export { type MemoryDownlink, MemorySource, type MemorySourceOptions } from './memory-source.js'
export { type LinkCounters, MqttLink, type MqttLinkOptions } from './mqtt-link.js'
export { MqttSource, type MqttSourceOptions } from './mqtt-source.js'
export { formatHash, hashPassword } from './password-hash.js'
export { type Extraction, payloadExtraction } from './payload-extraction.js'
export { Publisher } from './publisher.js'
export {
  type DropReason,
  defaultPublisherLimits,
  limitsOf,
  type OutputLink,
  type PublisherCounters,
  type PublisherLimits,
  type PublisherOptions,
} from './publisher-options.js'
export { finderByMatch } from './serial-port-finder.js'
export { listSerialPorts, type SerialPortIdentity } from './serial-port-list.js'
export type {
  SendOutcome,
  Source,
  SourceCounters,
  SourceHandlers,
  SourceState,
} from './source.js'
export { tappedLink } from './tapped-link.js'
export { parseTopicTemplate, type TopicTemplate } from './topic-template.js'
