import { u16At, u24At, u32At } from './big-endian.js'
import { compactValuesOffset } from './compact-frame.js'
import { Encoding, encodingName, valueLength, variableLength } from './encoding.js'
import { keyframeMarker } from './family.js'
import { type Fault, hexByte } from './fault.js'
import { checksumLength, messageTypeOf } from './header.js'
import { parseFrame } from './parse.js'
import { type FrameShape, ParsedFrame } from './parsed-frame.js'
import { xxh32 } from './xxh32.js'

export type FieldName =
  | 'marker'
  | 'type'
  | 'sequence'
  | 'timestamp'
  | 'context version'
  | 'bitmap'
  | 'source id'
  | 'encoding'
  | 'count'
  | 'name id'
  | 'value'
  | 'payload'
  | 'checksum'
  | 'rest'

/** One field of a frame, where it stands on the wire and what it says. */
export interface FrameField {
  readonly offset: number
  /** 0 for a value that takes no bytes. */
  readonly length: number
  readonly name: FieldName
  /** The number that it holds, where it holds one. */
  readonly value?: number
  readonly meaning: string
  /** Which of the frame's values it belongs to, in wire order, where it belongs to one. */
  readonly entry?: number
}

/** A frame taken apart: all its fields in wire order; on a fault those of its head, and the rest as one. */
export interface FrameAnatomy {
  readonly fields: readonly FrameField[]
  /** What `parseFrame` left. */
  readonly frame: ParsedFrame
  readonly fault: Fault | undefined
}

/** Takes a frame apart field by field, for people to read. */
export function dissectFrame(bytes: Uint8Array, shape: FrameShape): FrameAnatomy {
  const frame = new ParsedFrame()
  const fault = parseFrame(bytes, shape, frame)
  const fields = new FieldList(bytes)
  const known = fault?.code !== 'wrong-family' && fault?.code !== 'unsupported-version'
  if (known && shape.family === 'compact') takeCompact(fields, shape.channels, frame, !fault)
  if (known && shape.family === 'standard') takeStandard(fields, shape.checksum, frame, !fault)
  fields.takeRest(bytes.length)
  return { fields: fields.taken, frame, fault }
}

/** What one entry's value is called: its encoding and what came with it. */
export function entryMeaning(frame: ParsedFrame, entry: number): string {
  const encoding = frame.encodings[entry] ?? 0
  const number = frame.numbers[entry] ?? 0
  const name = encodingName(encoding) ?? hexByte(encoding)
  switch (encoding) {
    case Encoding.raw64:
    case Encoding.raw32:
      return `${name} ${number}`
    case Encoding.delta8:
    case Encoding.delta16:
    case Encoding.delta32:
      return `${name} ${signed(number)}`
    case Encoding.pattern:
      return `${name} ${number}`
    case Encoding.patternDelta:
      return `${name} ${number} ${signed(frame.patternDeltas[entry] ?? 0)}`
    default:
      return name
  }
}

/** Fields as they are taken one after the other; what goes beyond the bytes is left out. */
class FieldList {
  readonly taken: FrameField[] = []
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Takes the next `length` bytes, as long as they are there. */
  take(
    name: FieldName,
    length: number,
    tell: (at: number) => { readonly value?: number; readonly meaning: string },
    entry?: number,
  ): void {
    const offset = this.at
    if (offset + length > this.bytes.length) return
    this.at += length
    this.taken.push({
      offset,
      length,
      name,
      ...tell(offset),
      ...(entry !== undefined && { entry }),
    })
  }

  takeRest(end: number): void {
    const length = end - this.at
    if (length > 0) this.take('rest', length, () => ({ meaning: 'not taken apart' }))
  }
}

const plain = (value: number) => ({ value, meaning: String(value) })
const signed = (value: number): string => (value < 0 ? String(value) : `+${value}`)

function takeCompact(
  fields: FieldList,
  channels: number,
  frame: ParsedFrame,
  whole: boolean,
): void {
  const { bytes } = fields
  fields.take('marker', 1, (at) => ({
    value: bytes[at] ?? 0,
    meaning: bytes[at] === keyframeMarker ? 'compact keyframe' : 'compact data frame',
  }))
  fields.take('sequence', 2, (at) => plain(u16At(bytes, at)))
  fields.take('context version', 2, (at) => tellVersion(u16At(bytes, at), 16))
  if (!whole) return
  const valuesAt = compactValuesOffset(channels)
  for (let first = 0; fields.at < valuesAt; first += 4) {
    fields.take('bitmap', 1, (at) => ({
      value: bytes[at] ?? 0,
      meaning: tellCodes(frame, first, Math.min(first + 4, channels)),
    }))
  }
  for (let entry = 0; entry < channels; entry++) takeValue(fields, frame, entry)
}

function tellCodes(frame: ParsedFrame, from: number, to: number): string {
  const codes: string[] = []
  for (let entry = from; entry < to; entry++) {
    codes.push(`${frame.keys[entry]} ${encodingName(frame.encodings[entry] ?? 0)}`)
  }
  return `channel ${codes.join(', ')}`
}

function takeStandard(
  fields: FieldList,
  checksum: boolean,
  frame: ParsedFrame,
  whole: boolean,
): void {
  const { bytes } = fields
  fields.take('type', 1, (at) => tellType(bytes[at] ?? 0))
  fields.take('sequence', 2, (at) => plain(u16At(bytes, at)))
  fields.take('timestamp', 4, (at) => {
    const value = u32At(bytes, at)
    return { value, meaning: `${value} Unix seconds` }
  })
  fields.take('context version', 3, (at) => tellVersion(u24At(bytes, at), 24))
  const end = bytes.length - (checksum ? checksumLength : 0)
  if (whole && frame.messageType === 'data') takeData(fields, frame)
  else if (whole && end > fields.at) {
    fields.take('payload', end - fields.at, () => ({
      meaning: `of a ${frame.messageType} message`,
    }))
  }
  if (!checksum || end < fields.at) return
  fields.takeRest(end)
  fields.take('checksum', checksumLength, (at) => tellChecksum(bytes, at))
}

function takeData(fields: FieldList, frame: ParsedFrame): void {
  const { bytes } = fields
  // A multi frame's encoding and count stand before its entries, each of which has its own name and encoding.
  const firstAt = frame.count > 0 ? (frame.offsets[0] ?? 0) : frame.payloadEnd + 2
  const encodingAt = frame.multi ? firstAt - 4 : firstAt - 1
  fields.take('source id', encodingAt - fields.at, () => ({
    value: frame.sourceId,
    meaning: frame.multi ? `${frame.sourceId}, of no entry` : String(frame.sourceId),
  }))
  takeEncoding(fields)
  if (frame.multi) fields.take('count', 1, (at) => tellCount(bytes[at] ?? 0))
  for (let entry = 0; entry < frame.count; entry++) {
    if (frame.multi) {
      fields.take('name id', 1, () => plain(frame.keys[entry] ?? 0), entry)
      takeEncoding(fields, entry)
    }
    takeValue(fields, frame, entry)
  }
}

function takeEncoding(fields: FieldList, entry?: number): void {
  fields.take(
    'encoding',
    1,
    (at) => {
      const value = fields.bytes[at] ?? 0
      return { value, meaning: encodingName(value) ?? hexByte(value) }
    },
    entry,
  )
}

function takeValue(fields: FieldList, frame: ParsedFrame, entry: number): void {
  const fixed = valueLength[frame.encodings[entry] ?? 0] ?? 0
  // Only single frames carry patterns: theirs is the rest of the payload.
  const length = fixed === variableLength ? frame.payloadEnd - fields.at : fixed
  const tell = () => ({ value: frame.numbers[entry] ?? 0, meaning: entryMeaning(frame, entry) })
  fields.take('value', length, tell, entry)
}

const tellVersion = (value: number, bits: number) => ({
  value,
  meaning: `${value}, the low ${bits} bits, before this frame`,
})

const tellCount = (value: number) => ({
  value,
  meaning: `${value} ${value === 1 ? 'entry' : 'entries'}`,
})

function tellType(byte: number): { value: number; meaning: string } {
  return {
    value: byte,
    meaning: `protocol ${byte >> 6}, ${messageTypeOf(byte)}, P${(byte & 7) + 1}`,
  }
}

function tellChecksum(bytes: Uint8Array, at: number): { value: number; meaning: string } {
  const value = u32At(bytes, at)
  const expected = xxh32(bytes, at)
  const hex = `0x${expected.toString(16).padStart(8, '0')}`
  const verdict = value === expected ? 'as expected' : `${hex} was expected`
  return { value, meaning: `xxHash32 of all before, ${verdict}` }
}
