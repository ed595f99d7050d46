export { BridgeMemory, type BridgeMemoryOptions, type Machine } from './bridge-memory.js'
export { ClusterLog } from './cluster-log.js'
export { ControlRoom, type ControlRoomOptions } from './control-room.js'
export { openDiscovery } from './discovery/open-discovery.js'
export { DoorLog } from './door-log.js'
export { fleetOptions, planOf } from './fleet-options.js'
export { FleetOutputs, type FleetOutputsOptions } from './fleet-outputs.js'
export { type Gauge, HealthWatch, type HealthWatchOptions } from './health-watch.js'
export type { Intake } from './intake.js'
export { KeyframeRequests } from './keyframe-requests.js'
export { LogLevels } from './log-levels.js'
export {
  defaultLogLimitPolicy,
  LogLimit,
  type LogLimitPolicy,
  type LogLine,
  type LogLineLevel,
} from './log-limit.js'
export { memoryOptions } from './memory-options.js'
export { type Onlooker, shielded } from './onlooker.js'
export { type IntakeParts, openIntake, outletHandlers } from './open-intake.js'
export { partLog } from './part-log.js'
export { publishLog } from './publish-log.js'
export { type AppliedChange, Reload, type ReloadOutcome } from './reload.js'
export type { RequestDesk } from './requests/request-desk.js'
export { restoreFleet } from './restore-fleet.js'
export { EMPTY_ROSTER, isRoster, type Roster } from './roster.js'
export { type RosterStore, Settings } from './settings.js'
export { TimeWatch } from './time-watch.js'
