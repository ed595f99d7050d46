export {
  type BridgeInfo,
  type BridgeStatus,
  bridgeInfo,
  bridgeState,
  bridgeStatus,
  type ChannelInfo,
  type ModelInfo,
} from './bridge-status.js'
export { type BridgeTopics, bridgeTopics } from './bridge-topics.js'
export { ChunkFiller } from './chunks.js'
export { type DeviceInfo, type DeviceList, deviceList } from './device-list.js'
export { type DeviceTopics, deviceTopics } from './device-topics.js'
export { DeviceVoice, type VoiceOptions } from './device-voice.js'
export {
  type AnnouncedDevice,
  type Announcement,
  bridgeAnnouncement,
  deviceAnnouncement,
} from './discovery/device-config.js'
export { type KeptConfig, readKeptConfig } from './discovery/kept-config.js'
export { configFilter, type DiscoverySite, deviceOfTopic, ORIGIN } from './discovery/site.js'
export { eventFeature, eventPublication } from './events.js'
export { isoTime } from './iso-time.js'
export { cleared, type Publication, retained, type WhileAway } from './publication.js'
export { type ReadingsOptions, ReadingsWriter } from './readings.js'
export { removalPublications } from './removal.js'
export { SaidStatuses } from './said-statuses.js'
export { Shedder } from './shedder.js'
export {
  clearedChunks,
  longestFrame,
  snapshotChunk,
  snapshotEntry,
  snapshotPublications,
} from './snapshot.js'
export { type StatusContext, statusDocument, statusPublications } from './status.js'
export {
  defaultStatusFlowPolicy,
  flowOf,
  nextStatusFlow,
  type StatusFlow,
  type StatusFlowPolicy,
} from './status-flow.js'
