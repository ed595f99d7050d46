export { type ExportedContext, exportContext } from './context-export.js'
export { type ImportOutcome, importContext } from './context-import.js'
export { judge, positionAfter } from './continuity.js'
export type { StreamOutcome } from './decoded-frame.js'
export { DueTimes } from './due-times.js'
export type { Cause, DeviceEvent, Severity } from './event.js'
export { Fleet, type FleetHandlers, type FleetOptions } from './fleet.js'
export type { FleetOrder, OrderOutcome } from './fleet-order.js'
export {
  type DeviceModels,
  type FleetPlan,
  type PlanDocument,
  planDocument,
  samePlan,
  sameSpec,
} from './fleet-plan.js'
export { IntervalKnowledge } from './interval.js'
export { type KeptDevice, keepDevice, keptMemory } from './kept-device.js'
export { LossWindow } from './loss-window.js'
export { Picture } from './picture.js'
export type { FleetChange } from './plan-change.js'
export {
  type ChannelSpec,
  compileProfile,
  type DeviceProfile,
  type ModelSpec,
  type PeerPolicy,
} from './profile.js'
export {
  defaultResyncPolicy,
  ResyncBudget,
  type ResyncPolicy,
  type ResyncWish,
} from './resync-budget.js'
export { resyncGain } from './resync-gain.js'
export { DeviceSession } from './session.js'
export type { SessionMemory } from './session-memory.js'
export type { TimeShift } from './shift-memory.js'
export type { DeviceStatus, SyncState } from './status.js'
export { DeviceStream } from './stream.js'
export type { StreamMemory } from './stream-memory.js'
export type {
  Continuity,
  FramePosition,
  FrameSight,
  ImportedPosition,
  StreamPosition,
} from './stream-position.js'
export type { Moment, SessionPolicy, Surroundings } from './surroundings.js'
export type { LineFacts } from './sweep.js'
export { SyncMonitor } from './sync.js'
export { UnknownDevices } from './unknown-devices.js'
export type {
  ChannelReading,
  FaultVerdict,
  Quality,
  ReadingsVerdict,
  SkippedVerdict,
  SkipReason,
  Verdict,
} from './verdict.js'
export {
  advanceTrack,
  freshTrack,
  observationsAtLeast,
  unknownTrack,
  type VersionTrack,
} from './version-track.js'
