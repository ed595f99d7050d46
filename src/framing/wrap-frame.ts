import { checksumOf, writeChecksum } from './checksum.js'
import { stuffCobs } from './cobs.js'
import { printHexLine } from './hex-lines.js'
import { assertFormat, type LineFormat, longestFrame } from './line-format.js'
import { stuffSlip } from './slip.js'

const stuff = { cobs: stuffCobs, slip: stuffSlip, length: prefixLength, hex: printHexLine }

/**
 * The bytes that a frame, or a downlink, takes on the line; the caller owns them.
 * Throws `LineFormatError` for a broken format, `RangeError` where the frame is empty or longer than
 * `longestFrame`, or where the address is not what the format asks for (0 to 255, or -1 for none).
 */
export function wrapFrame(format: LineFormat, frame: Uint8Array, address = -1): Uint8Array {
  assertFormat(format)
  if (frame.length === 0 || frame.length > longestFrame(format)) {
    throw new RangeError(`a frame has 1 to ${longestFrame(format)} bytes, not ${frame.length}`)
  }
  const addressed = format.address === 'byte'
  const fits = addressed
    ? Number.isInteger(address) && address >= 0 && address <= 255
    : address === -1
  if (!fits) throw new RangeError(`address ${address} on a line of address '${format.address}'`)

  const { size, empty, of } = checksumOf(format.crc)
  const head = addressed ? 1 : 0
  const covered = head + frame.length
  const payload = new Uint8Array(covered + size)
  if (addressed) payload[0] = address
  payload.set(frame, head)
  writeChecksum(payload, size, covered, of(payload.subarray(0, covered), empty))
  return stuff[format.framing](payload)
}

function prefixLength(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 + payload.length)
  out[0] = payload.length >> 8
  out[1] = payload.length
  out.set(payload, 2)
  return out
}
