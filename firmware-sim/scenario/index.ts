export { type BridgeConfigOptions, bridgeConfigFor } from './bridge-config.js'
export { type CreateFleetOptions, createFleet } from './create-fleet.js'
export { parseDuration } from './duration.js'
export { mixedScenario } from './mixed.js'
export {
  parseScenario,
  problemText,
  readScenario,
  type ScenarioProblem,
  type ScenarioResult,
} from './parse.js'
export {
  type FleetPlan,
  type PlannedBroker,
  type PlannedDevice,
  type PlannedLine,
  type PlannedWay,
  type PlanProblem,
  planFleet,
  type ScenarioPath,
} from './plan.js'
export { type DeviceGroup, type LinkSpec, type Scenario, scenarioSchema } from './schema.js'
