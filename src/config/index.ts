export type {
  BrokerUserConfig,
  ChannelConfig,
  ClusterConfig,
  Configuration,
  DeviceConfig,
  DownlinkConfig,
  Durability,
  EmbeddedBrokerConfig,
  ExternalBrokerConfig,
  HomeAssistantConfig,
  JournalConfig,
  LimitsConfig,
  LogLevel,
  ModelConfig,
  MqttSourceConfig,
  OutputsConfig,
  PayloadConfig,
  ResyncConfig,
  SerialSourceConfig,
  SourceConfig,
} from './configuration.js'
export type { Environment } from './environment.js'
export { type ConfigFiles, systemFiles } from './files.js'
export { jsonSchemaText } from './json-schema.js'
export {
  checkConfiguration,
  type LoadOutcome,
  type LoadRequest,
  loadConfiguration,
} from './load.js'
export { formatProblem, type Problem } from './problem.js'
export { outputFilters } from './topics.js'
export { parseDuration } from './units.js'
