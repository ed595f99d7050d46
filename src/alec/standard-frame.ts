import {
  f32At,
  f64At,
  i8At,
  i16At,
  i32At,
  putF32,
  putF64,
  putU16,
  putU32,
  u32At,
} from './big-endian.js'
import { Encoding, encodingName, valueLength, variableLength } from './encoding.js'
import { type Fault, faultOf, hexByte, trailingBytes, truncated } from './fault.js'
import { checksumLength, readStandardHeader, standardHeaderLength } from './header.js'
import type { ParsedFrame } from './parsed-frame.js'
import { varintAt, varintEnd, varintFault } from './varint.js'
import { xxh32 } from './xxh32.js'

/** Writes a raw value or delta, big-endian; returns the offset behind it. */
export function putStandardValue(
  bytes: Uint8Array,
  at: number,
  encoding: number,
  number: number,
): number {
  switch (encoding) {
    case Encoding.raw64:
      putF64(bytes, at, number)
      break
    case Encoding.raw32:
      putF32(bytes, at, number)
      break
    case Encoding.delta8:
      bytes[at] = number
      break
    case Encoding.delta16:
      putU16(bytes, at, number)
      break
    case Encoding.delta32:
      putU32(bytes, at, number)
      break
  }
  return at + valueLength[encoding]!
}

/** Writes the checksum of everything before `at`; returns the offset behind it. */
export function putChecksum(bytes: Uint8Array, at: number): number {
  putU32(bytes, at, xxh32(bytes, at))
  return at + checksumLength
}

/** Takes apart a frame whose first byte is a standard frame's; of a message other than data only the header. */
export function parseStandard(
  bytes: Uint8Array,
  checksum: boolean,
  into: ParsedFrame,
): Fault | undefined {
  const end = bytes.length - (checksum ? checksumLength : 0)
  if (end < standardHeaderLength) {
    const needed = standardHeaderLength + bytes.length - end
    const what = checksum ? 'the header and checksum' : 'the header'
    return truncated(`${what} of a standard frame`, 0, needed, bytes.length)
  }
  // Before anything else is believed.
  if (checksum) {
    const fault = checksumFault(bytes, end)
    if (fault) return fault
  }
  const fault = readStandardHeader(bytes, into)
  if (fault) return fault
  into.multi = false
  into.sourceId = 0
  into.payloadOffset = standardHeaderLength
  into.payloadEnd = end
  if (into.messageType !== 'data') return undefined
  return parseWholePayload(bytes, end, into)
}

function parseWholePayload(bytes: Uint8Array, end: number, into: ParsedFrame): Fault | undefined {
  const fault = parsePayload(bytes, standardHeaderLength, end, into)
  if (fault) return fault
  if (into.payloadEnd === end) return undefined
  into.count = 0
  return trailingBytes('the data of a standard frame', into.payloadEnd, end)
}

/**
 * Takes apart a data payload from `at` and leaves its end in `payloadEnd`, which is where a checksum or,
 * in a gateway's concatenation, the next frame begins.
 */
export function parsePayload(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: ParsedFrame,
): Fault | undefined {
  const encodingAt = varintEnd(bytes, at, end)
  if (encodingAt < 0) return varintFault('the source id', bytes, at, end)
  if (encodingAt >= end) return truncated('the encoding', encodingAt, 1, end)
  const encoding = bytes[encodingAt]!
  into.sourceId = varintAt(bytes, at)
  into.multi = encoding === Encoding.multi
  if (into.multi) return parseEntries(bytes, encodingAt + 1, end, into)
  into.keys[0] = into.sourceId
  const fault = parseValue(bytes, encodingAt, end, 0, into)
  if (fault === undefined) into.count = 1
  return fault
}

function parseEntries(
  bytes: Uint8Array,
  countAt: number,
  end: number,
  into: ParsedFrame,
): Fault | undefined {
  if (countAt >= end) return truncated('the count of a multi frame', countAt, 1, end)
  const count = bytes[countAt]!
  into.payloadEnd = countAt + 1
  for (let entry = 0; entry < count; entry++) {
    const at = into.payloadEnd
    if (at + 2 > end) {
      return truncated(`name and encoding of entry ${entry} of ${count}`, at, 2, end)
    }
    const encoding = bytes[at + 1]!
    if (valueLength[encoding] === variableLength && encodingName(encoding) !== undefined) {
      return faultOf(
        'encoding-not-allowed',
        at + 1,
        `${encodingName(encoding)} (${hexByte(encoding)}) in entry ${entry} of a multi frame; raw, delta, repeated or interpolated was expected`,
      )
    }
    into.keys[entry] = bytes[at]!
    const fault = parseValue(bytes, at + 1, end, entry, into)
    if (fault) return fault
  }
  into.count = count
  return undefined
}

/** Reads encoding and value of one entry; leaves the offset behind it in `payloadEnd`. */
function parseValue(
  bytes: Uint8Array,
  encodingAt: number,
  end: number,
  entry: number,
  into: ParsedFrame,
): Fault | undefined {
  const encoding = bytes[encodingAt]!
  const at = encodingAt + 1
  into.encodings[entry] = encoding
  into.offsets[entry] = at
  into.patternDeltas[entry] = 0
  const length = valueLength[encoding]!
  if (length === variableLength) return parsePattern(bytes, encodingAt, end, entry, into)
  if (at + length > end) {
    return truncated(`${encodingName(encoding)} (${hexByte(encoding)})`, at, length, end)
  }
  into.numbers[entry] = numberAt(bytes, at, encoding)
  into.payloadEnd = at + length
  return undefined
}

function parsePattern(
  bytes: Uint8Array,
  encodingAt: number,
  end: number,
  entry: number,
  into: ParsedFrame,
): Fault | undefined {
  const encoding = bytes[encodingAt]!
  if (encoding !== Encoding.pattern && encoding !== Encoding.patternDelta) {
    return faultOf('unknown-encoding', encodingAt, `no encoding has the code ${hexByte(encoding)}`)
  }
  const at = encodingAt + 1
  const codeEnd = varintEnd(bytes, at, end)
  if (codeEnd < 0) return varintFault('the pattern code', bytes, at, end)
  into.numbers[entry] = varintAt(bytes, at)
  into.payloadEnd = codeEnd
  if (encoding === Encoding.pattern) return undefined
  if (codeEnd >= end) return truncated('the delta of a patternDelta', codeEnd, 1, end)
  into.patternDeltas[entry] = i8At(bytes, codeEnd)
  into.payloadEnd = codeEnd + 1
  return undefined
}

function numberAt(bytes: Uint8Array, at: number, encoding: number): number {
  switch (encoding) {
    case Encoding.raw64:
      return f64At(bytes, at)
    case Encoding.raw32:
      return f32At(bytes, at)
    case Encoding.delta8:
      return i8At(bytes, at)
    case Encoding.delta16:
      return i16At(bytes, at)
    case Encoding.delta32:
      return i32At(bytes, at)
    default:
      return 0
  }
}

function checksumFault(bytes: Uint8Array, at: number): Fault | undefined {
  const came = u32At(bytes, at)
  const expected = xxh32(bytes, at)
  if (came === expected) return undefined
  const hex = (sum: number) => `0x${sum.toString(16).padStart(8, '0')}`
  return faultOf('invalid-checksum', at, `checksum ${hex(came)}; ${hex(expected)} was expected`)
}
