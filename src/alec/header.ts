import { putU16, putU24, putU32, u16At, u24At, u32At } from './big-endian.js'
import { type Fault, faultOf } from './fault.js'
import type { MessageType, ParsedFrame, Priority } from './parsed-frame.js'

export const standardHeaderLength = 10
export const checksumLength = 4

const protocolVersion = 1

/** By their code on the wire. */
const messageTypes: readonly MessageType[] = [
  'data',
  'sync',
  'request',
  'response',
  'ack',
  'nack',
  'heartbeat',
  'fixed-channel',
]

/** The message type that a standard frame's first byte announces. */
export const messageTypeOf = (first: number): MessageType => messageTypes[(first >> 3) & 7]!

export interface StandardHeader {
  readonly messageType: MessageType
  readonly priority: Priority
  /** Its low 16 bits go out. */
  readonly sequence: number
  /** Unix seconds; the low 32 bits go out. */
  readonly timestamp: number
  /** The encoder's context version before it observes the frame; its low 24 bits go out. */
  readonly version: number
}

/** Writes the first 10 bytes of a standard frame. */
export function putStandardHeader(bytes: Uint8Array, header: StandardHeader): void {
  const type = messageTypes.indexOf(header.messageType)
  bytes[0] = (protocolVersion << 6) | (type << 3) | (header.priority - 1)
  putU16(bytes, 1, header.sequence)
  putU32(bytes, 3, header.timestamp)
  putU24(bytes, 7, header.version)
}

/** Reads the header of a frame that has all 10 bytes of it and whose first byte is a standard frame's. */
export function readStandardHeader(bytes: Uint8Array, into: ParsedFrame): Fault | undefined {
  const first = bytes[0]!
  const priority = (first & 7) + 1
  if (priority > 5) {
    return faultOf(
      'invalid-priority',
      0,
      `priority code ${priority - 1}; 0 (P1) to 4 (P5) was expected`,
    )
  }
  into.family = 'standard'
  into.keyframe = false
  into.messageType = messageTypeOf(first)
  into.priority = priority as Priority
  into.sequence = u16At(bytes, 1)
  into.timestamp = u32At(bytes, 3)
  into.version = u24At(bytes, 7)
  return undefined
}
