import { id, strict } from '../../config/index.js'
import type { FleetOrder } from '../../device/index.js'
import { withDevice } from './devices.js'
import { ordered, type Request, request } from './request.js'

type Command = Extract<FleetOrder, { do: 'circuit' }>['command']

/** The circuit of a device is turned by hand; an open one recovers by itself, as any other. */
const circuit = (verb: string, command: Command): Request =>
  request({
    verb: `circuit/${verb}`,
    changes: true,
    shape: strict({ device: id() }),
    handle: ({ device }, affairs) =>
      withDevice(device, affairs, () => ordered({ do: 'circuit', device, command }, affairs)),
  })

export const resetCircuit = circuit('reset', 'reset')
export const openCircuit = circuit('open', 'force-open')
export const closeCircuit = circuit('close', 'force-closed')
