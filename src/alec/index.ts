export {
  type AggregatedChannel,
  encodeAggregated,
  parseAggregated,
  splitStandardFrames,
} from './aggregated-frame.js'
export { exportAlcs, importAlcs } from './alcs.js'
export { Choice, chooseCompact, chooseStandard, roundHalfAway } from './choice.js'
export { type ClassifierRules, classify } from './classifier.js'
export {
  CompactEncoder,
  type CompactEncoderOptions,
  type EncoderProfile,
  keyframeRequest,
  maxChannels,
} from './compact-encoder.js'
export { Context, type ContextOptions } from './context.js'
export { evolutionPeriod, freshVersion, versionAfter } from './context-version.js'
export { multipleAt, nearestIndex, parseResolution, type Resolution } from './decimal.js'
export { announceOf, applyDiff } from './dictionary-sync.js'
export { Encoding, type EncodingName, encodingName } from './encoding.js'
export type {
  ChannelDeclaration,
  ChannelEstimate,
  Contradiction,
  EncoderState,
  EstimateView,
  Interval,
  PredictionView,
} from './estimate.js'
export { restoreEstimate, savedEstimate } from './estimate.js'
export { type DecoderChannel, type DecoderModel, ExactDecoder } from './exact-decoder.js'
export { type FrameFamily, frameFamily } from './family.js'
export type { Fault, FaultCode, Result } from './fault.js'
export { dissectFrame, type FieldName, type FrameAnatomy, type FrameField } from './frame-fields.js'
export { halfUnitOf } from './half-unit.js'
export { crc32, deviceSourceId, xxh64 } from './hashes.js'
export { putStandardHeader, type StandardHeader } from './header.js'
export { NumberRow, type NumberSink, type NumberSource } from './number-row.js'
export { parseFrame } from './parse.js'
export { type FrameShape, type MessageType, ParsedFrame, type Priority } from './parsed-frame.js'
export { type Pattern, PatternDictionary, patternValue } from './patterns.js'
export {
  contextFromPreload,
  encodePreload,
  type Preload,
  type PreloadEntry,
  type PreloadModel,
  type PreloadStatistics,
  parsePreload,
} from './preload.js'
export { knownQuantities, type QuantityRange, quantityRange } from './quantity.js'
export {
  type DecodedValue,
  ReferenceDecoder,
  type ReferenceDecoderOptions,
} from './reference-decoder.js'
export type { SourceRecord, SourceView } from './source-state.js'
export {
  type MultiEntry,
  StandardEncoder,
  type StandardEncoderOptions,
  type StandardFrameOptions,
} from './standard-encoder.js'
export {
  type DetailRequest,
  type DetailResponse,
  encodeSync,
  parseSync,
  type RangeRequest,
  type SyncAnnounce,
  type SyncDiff,
  type SyncMessage,
  type SyncPattern,
  type SyncRequest,
} from './sync.js'
export { xxh32 } from './xxh32.js'
