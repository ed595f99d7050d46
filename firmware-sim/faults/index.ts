export {
  type Delivered,
  type FaultyFrame,
  type FrameFaultCounters,
  FrameFaults,
  noFrameFaults,
} from './frame-faults.js'
export { type LineFaultCounters, LineFaults, noLineFaults } from './line-faults.js'
export { type NodeFaultCounters, NodeFaults } from './node-faults.js'
export {
  type FaultRates,
  type FrameFaultRates,
  type LineFaultRates,
  type NodeFaultRates,
  noFaults,
} from './rates.js'
export { type UartCounters, type UartSettings, UartWire, uart8n1 } from './uart.js'
