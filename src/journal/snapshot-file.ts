import { crc32, deflateRawSync } from 'node:zlib'
import { printExact } from './exact-json.js'
import type { Snapshot } from './snapshot.js'

// A snapshot's file: a header line, pieces of text one after the other, and a line that closes it:
//
//   alec-bridge-state 4
//   for each piece: its length in bytes u32 (big-endian) · so many bytes, raw DEFLATE
//   end 5d3c1a90 159
//
// The text is JSON (see `exact-json.ts`) with one device a line, so that it is written and read bit by bit; a line may go
// on in the next piece:
//
//   {"ordinal":7,"mono":86400000,"wall":1767225600000,"devices":[
//   ["greenhouse-1",{…}]
//   ["shed-1",{…}]
//   ]}
//
// The header holds the format's version. The last line, with a line feed before it, holds the CRC-32 (ISO-HDLC) of all
// bytes before its first letter as eight hexadecimal digits, and their number. Format 3 had the text as it is between
// these lines, with commas between devices. Format 2 had checksum and length in its header, behind the version, and no
// last line; there they are of all that follows the header.
export const MAGIC = 'alec-bridge-state'
export const VERSION = 4
export const FOOTER = /^end ([0-9a-f]{8}) (\d{1,15})\n$/
export const LONGEST_FOOTER = 32
export const PIECE_HEAD = 4

/** A piece of so many takes a few milliseconds to be made. */
const PIECE_CHARACTERS = 65_536
/**
 * What makes a device known differs little from one to the next.
 * measured: 1400 bytes a device come to 240, for 5 µs beside the 20 of what they are made from; higher levels take longer.
 */
const DEFLATE = { level: 1 }

/**
 * A snapshot as the pieces that its file is made of, each made when it is asked for: that of a large fleet takes seconds,
 * in which frames must not wait. Throws a `TypeError` where a device's state is not like JSON.
 */
export function* snapshotPieces(
  snapshot: Snapshot,
  pieceCharacters = PIECE_CHARACTERS,
): Generator<Uint8Array, void> {
  const { ordinal, mono, wall, epochBase, plan, devices } = snapshot
  if (!isOrdinal(ordinal)) throw new TypeError(`${ordinal} is no ordinal of a snapshot`)
  let sum = 0
  let length = 0
  let header = `${MAGIC} ${VERSION}\n`
  const piece = (text: Uint8Array, end = ''): Uint8Array => {
    const bytes = Buffer.concat([Buffer.from(header), deflated(text), Buffer.from(end)])
    header = ''
    sum = crc32(bytes, sum)
    length += bytes.length
    return bytes
  }
  const times = `"mono":${printExact(mono)},"wall":${printExact(wall)}`
  const base = epochBase === undefined ? '' : `,"epochBase":${printExact(epochBase)}`
  const planned = plan === undefined ? '' : `,"plan":${printExact(plan)}`
  let text = `{"ordinal":${ordinal},${times}${base}${planned},"devices":[\n`
  for (const [device, state] of devices) {
    text += `[${JSON.stringify(device)},${printState(device, state)}]\n`
    if (text.length < pieceCharacters) continue
    for (const part of parts(text, pieceCharacters)) yield piece(part)
    text = ''
  }
  const last = piece(Buffer.from(`${text}]}\n`), '\n')
  yield Buffer.concat([last, Buffer.from(`end ${checksum(sum)} ${length}\n`)])
}

/** The plan of a large fleet is one long line. */
function* parts(text: string, most: number): Generator<Uint8Array, void> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += 2 * most)
    yield bytes.subarray(from, from + 2 * most)
}

function deflated(text: Uint8Array): Uint8Array {
  const packed = deflateRawSync(text, DEFLATE)
  const head = Buffer.allocUnsafe(PIECE_HEAD)
  head.writeUInt32BE(packed.length)
  return Buffer.concat([head, packed])
}

function printState(device: string, state: unknown): string {
  try {
    return printExact(state)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`the state of ${device} cannot be written: ${message}`, { cause })
  }
}

/** What a snapshot may be numbered with: whole and not negative. */
export const isOrdinal = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

export const checksum = (sum: number): string => sum.toString(16).padStart(8, '0')
