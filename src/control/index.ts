export { fleetOptions } from './fleet-options.js'
export { FleetOutputs, type FleetOutputsOptions } from './fleet-outputs.js'
export { type Gauge, HealthWatch, type HealthWatchOptions } from './health-watch.js'
export { KeyframeRequests } from './keyframe-requests.js'
