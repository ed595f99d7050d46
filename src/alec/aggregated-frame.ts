import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { aggregatedMarker, familyFault, frameFamily } from './family.js'
import { type Fault, fail, failed, ok, type Result, trailingBytes, truncated } from './fault.js'
import { checksumLength, readStandardHeader, standardHeaderLength } from './header.js'
import { ParsedFrame } from './parsed-frame.js'
import { parsePayload } from './standard-frame.js'

/** One channel of a sensor gateway's aggregated frame. */
export interface AggregatedChannel {
  /** At most 255 bytes of UTF-8. */
  readonly id: string
  /** Standard frames with checksum, one behind the other; at most 65535 bytes. */
  readonly data: Uint8Array
}

const maxChannels = 255
const maxData = 0xffff

export function encodeAggregated(channels: readonly AggregatedChannel[]): Uint8Array {
  if (channels.length > maxChannels) {
    throw new RangeError(`${channels.length} channels; at most ${maxChannels} fit`)
  }
  const writer = new ByteWriter('little')
  writer.u8(aggregatedMarker)
  writer.u8(channels.length)
  for (const { id, data } of channels) {
    if (data.length > maxData) throw new RangeError(`${data.length} bytes; at most ${maxData} fit`)
    writer.shortText(id)
    writer.u16(data.length)
    writer.bytes(data)
  }
  return writer.finish()
}

/** Takes an aggregated frame apart into its channels; their data is copied. */
export function parseAggregated(bytes: Uint8Array): Result<readonly AggregatedChannel[]> {
  if (bytes.length === 0) return fail('empty', 0, 'no bytes; an aggregated frame was expected')
  const first = bytes[0]!
  if (frameFamily(first) !== 'aggregated') return failed(familyFault(first, 'aggregated'))
  const reader = new ByteReader(bytes, 'little', 1)
  const count = reader.u8('the channel count')
  const channels: AggregatedChannel[] = []
  while (channels.length < count && !reader.fault) {
    const id = reader.shortText('a channel id')
    const data = reader.bytes('the data of a channel', reader.u16('the length of its data'))
    channels.push({ id, data })
  }
  if (reader.fault) return failed(reader.fault)
  if (reader.left > 0) return failed(trailingBytes('the aggregated frame', reader.at, bytes.length))
  return ok(channels)
}

/**
 * Cuts a channel's data into its frames, which are views of it. A frame does not say how long it is, so its
 * data is followed to its end; one of another message type reaches to the end of all. Whether checksums and
 * values hold is for `parseFrame` to say.
 */
export function splitStandardFrames(data: Uint8Array): Result<readonly Uint8Array[]> {
  if (data.length === 0) return fail('empty', 0, 'no bytes; standard frames were expected')
  const frames: Uint8Array[] = []
  const parsed = new ParsedFrame()
  let at = 0
  while (at < data.length) {
    const rest = data.subarray(at)
    const fault = measure(rest, parsed)
    if (fault) return failed({ ...fault, offset: at + fault.offset })
    frames.push(rest.subarray(0, parsed.payloadEnd + checksumLength))
    at += parsed.payloadEnd + checksumLength
  }
  return ok(frames)
}

/** Leaves the end of the first frame's payload in `into.payloadEnd`. */
function measure(bytes: Uint8Array, into: ParsedFrame): Fault | undefined {
  const first = bytes[0]!
  if (frameFamily(first) !== 'standard') return familyFault(first, 'standard')
  const end = bytes.length - checksumLength
  if (end < standardHeaderLength) {
    const needed = standardHeaderLength + checksumLength
    return truncated('the header and checksum of a standard frame', 0, needed, bytes.length)
  }
  const fault = readStandardHeader(bytes, into)
  if (fault) return fault
  if (into.messageType === 'data') return parsePayload(bytes, standardHeaderLength, end, into)
  into.payloadEnd = end
  return undefined
}
