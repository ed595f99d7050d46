import { devices, health, info, snapshot } from './about.js'
import { startCapture, stopCapture } from './capture.js'
import { closeCircuit, openCircuit, resetCircuit } from './circuit.js'
import { logLevel, reload } from './configuration.js'
import { exportState, importState } from './context.js'
import { add, remove, rename, replace, reset, resync } from './devices.js'
import type { Request } from './request.js'

/** Everything that the bridge can be asked for. */
export const requests: readonly Request[] = [
  info,
  health,
  devices,
  snapshot,
  reload,
  logLevel,
  add,
  remove,
  rename,
  replace,
  reset,
  resync,
  resetCircuit,
  openCircuit,
  closeCircuit,
  exportState,
  importState,
  startCapture,
  stopCapture,
]
