export type {
  BrokerUserConfig,
  ChannelConfig,
  ClusterConfig,
  ClusterTopics,
  Configuration,
  DeviceConfig,
  DownlinkConfig,
  Durability,
  EmbeddedBrokerConfig,
  ExternalBrokerConfig,
  HomeAssistantConfig,
  JournalConfig,
  LimitsConfig,
  LogConfig,
  LogLevel,
  LogPart,
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
export {
  choice,
  duration,
  flag,
  id,
  label,
  list,
  size,
  strict,
  text,
  wordOrNumber,
} from './schema/leaves.js'
export { LOG_LEVELS, LOG_PARTS } from './schema/settings.js'
export { checkShape, type Shape, type Shaped } from './shape.js'
export { outputFilters, requestFilters } from './topics.js'
export { parseDuration, parseSize } from './units.js'
export { didYouMean } from './wording.js'
