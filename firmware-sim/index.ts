export { type DeviceCounters, SimulatedDevice } from './device.js'
export {
  type Delivered,
  type FaultRates,
  type FaultyFrame,
  type FrameFaultCounters,
  type FrameFaultRates,
  FrameFaults,
  type LineFaultCounters,
  type LineFaultRates,
  LineFaults,
  type NodeFaultCounters,
  type NodeFaultRates,
  NodeFaults,
  noFaults,
  type UartCounters,
  type UartSettings,
  UartWire,
  uart8n1,
} from './faults/index.js'
export type { FirmwareSpec, NodeChannel, NodeFrames } from './firmware.js'
export { Fleet, type FleetOptions } from './fleet.js'
export type { FleetMember } from './fleet-member.js'
export type { FleetStatistics } from './fleet-statistics.js'
export {
  Line,
  type LineNode,
  type Link,
  type LinkCounters,
  LinkPathError,
  MemoryLink,
  MqttLink,
  type MqttLinkOptions,
  type OnDownlink,
  openTerminalPair,
  PtyLink,
  type PtyLinkOptions,
  TcpLink,
  type TcpLinkOptions,
  type TerminalPair,
} from './links/index.js'
export { FirmwareNode, type NodeCounters, type NodeFrame, type NodeSpec } from './node.js'
export { Random } from './random.js'
export {
  type BridgeConfigOptions,
  bridgeConfigFor,
  type CreateFleetOptions,
  createFleet,
  type FleetPlan,
  mixedScenario,
  type PlannedDevice,
  parseDuration,
  parseScenario,
  planFleet,
  problemText,
  readScenario,
  type Scenario,
  type ScenarioProblem,
  type ScenarioResult,
} from './scenario/index.js'
export {
  type SensorKind,
  type SensorKindName,
  Signal,
  sensorKindNames,
  sensorKinds,
} from './signals/index.js'
