import type { Frame } from '../framing/index.js'
import type { DeviceEvent } from './event.js'
import { toHex } from './hex.js'
import type { Continuity } from './stream-position.js'
import type { FaultVerdict } from './verdict.js'

/** The frames `toSeq - count + 1` … `toSeq` are missing. */
export const gapEvent = (
  wall: number,
  epoch: number,
  toSeq: number,
  count: number,
): DeviceEvent => ({
  wall,
  severity: 'warning',
  type: 'gap',
  epoch,
  fromSeq: toSeq - count + 1,
  toSeq,
  count,
})

export const rebootEvent = (wall: number, epoch: number): DeviceEvent => ({
  wall,
  severity: 'warning',
  type: 'reboot',
  epoch,
  message: 'the device has restarted',
})

export const unknownEvent = (
  wall: number,
  epoch: number,
  { cause, message }: Extract<Continuity, { kind: 'unknown' }>,
): DeviceEvent => ({
  wall,
  severity: cause === 'started-mid-stream' ? 'info' : 'warning',
  type: 'state_unknown',
  epoch,
  cause,
  message,
})

export const conflictEvent = (wall: number, seq: number): DeviceEvent => ({
  wall,
  severity: 'warning',
  type: 'conflict',
  seq,
  message: 'same sequence, other bytes: the device has restarted, or two devices share an id',
})

export const dictionaryEvent = (
  wall: number,
  { inStep, message }: { readonly inStep: boolean; readonly message: string },
): DeviceEvent => ({
  wall,
  severity: inStep ? 'info' : 'warning',
  type: inStep ? 'dictionary_synchronised' : 'dictionary_diverged',
  message,
})

export const decodeErrorEvent = (
  { wall, bytes }: Frame,
  fault: FaultVerdict['fault'],
): DeviceEvent => ({
  wall,
  severity: 'warning',
  type: 'decode_error',
  code: fault.code,
  offset: fault.offset,
  description: fault.message,
  frame: toHex(bytes),
})
