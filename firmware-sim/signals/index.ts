export { type SensorKind, type SensorKindName, sensorKindNames, sensorKinds } from './kinds.js'
export type { Process } from './processes.js'
export { Signal } from './signal.js'
