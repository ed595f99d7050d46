export { type Absence, absenceOf, MissedTokens } from './absence.js'
export {
  admits,
  type Circuit,
  type CircuitInput,
  type CircuitPolicy,
  type CircuitState,
  type ClosedCircuit,
  classicCircuitPolicy,
  closedCircuit,
  defaultCircuitPolicy,
  type HalfOpenCircuit,
  nextCircuit,
  type OpenCircuit,
  type OpenReason,
} from './circuit-breaker.js'
export {
  type CapFault,
  ConnectionCaps,
  type ConnectionLimits,
  defaultConnectionLimits,
  isLoopback,
} from './connection-caps.js'
export {
  DEGRADATION_LEVELS,
  type Degradation,
  type DegradationLevel,
  type DegradationPolicy,
  defaultDegradationPolicy,
  nextDegradation,
  normalDegradation,
  type Pressure,
} from './degradation.js'
export { defaultFailureLimit, FailureLimit } from './failure-limit.js'
export {
  compareHealth,
  defaultHealthThresholds,
  gradeHealth,
  type HealthCheck,
  type HealthCheckable,
  type HealthStatus,
  type HealthThreshold,
  isOk,
  worstHealth,
} from './health.js'
export { formatHealthReport, HealthMonitor, type HealthReport } from './health-monitor.js'
export {
  type Attempt,
  defaultRetryStrategy,
  delayForAttempt,
  type RetryOptions,
  type RetryReport,
  type RetryStrategy,
  type RetryTimer,
  withRetry,
} from './retry.js'
export { type Feature, isShed, readingsFeature, type Treatment, treatmentOf } from './shedding.js'
export {
  defaultSteadyHealthPolicy,
  nextHealth,
  type SteadyHealth,
  type SteadyHealthPolicy,
  unknownHealth,
} from './steady-health.js'
export {
  type BucketPolicy,
  defaultBucketPolicy,
  FULL_BUCKET,
  hasToken,
  takeToken,
} from './token-bucket.js'
export { defaultWaitingPolicy, WaitingLine, type WaitingPolicy } from './waiting-line.js'
