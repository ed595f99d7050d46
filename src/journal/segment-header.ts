import { crc32 } from 'node:zlib'

// A segment's file begins with a header, integers big-endian:
//
//   "ALECJRNL" · version u32 · first ordinal u64 · checkpoint u64 · mono f64 · wall f64 · uptime f64 ·
//   boot id: length u8 and UTF-8 · CRC-32 (ISO-HDLC) u32 of all of that
//
// Records follow (`record.ts`).
const MAGIC = Buffer.from('ALECJRNL')
const VERSION = 1
const BOOT_AT = MAGIC.length + 4 + 8 + 8 + 8 + 8 + 8
const LONGEST_BOOT_ID = 255

/** What a segment is, and when it was begun. */
export interface SegmentHeader {
  /** No entry in it has a smaller number. */
  readonly first: number
  /** Every entry up to this one had settled when the segment was begun. */
  readonly checkpoint: number
  /** Monotonic milliseconds of the bridge's clock. */
  readonly mono: number
  /** Unix milliseconds. */
  readonly wall: number
  /** Milliseconds since the machine was started, and which start that was; empty where unknown. */
  readonly uptimeMs: number
  readonly bootId: string
}

export type DecodedHeader =
  | { readonly ok: true; readonly header: SegmentHeader; readonly length: number }
  | { readonly ok: false; readonly damage: 'bad-header' | 'other-format'; readonly message: string }

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const boot = Buffer.from(header.bootId).subarray(0, LONGEST_BOOT_ID)
  const bytes = Buffer.alloc(BOOT_AT + 1 + boot.length + 4)
  MAGIC.copy(bytes)
  let at = bytes.writeUInt32BE(VERSION, MAGIC.length)
  at = bytes.writeBigUInt64BE(BigInt(header.first), at)
  at = bytes.writeBigUInt64BE(BigInt(header.checkpoint), at)
  at = bytes.writeDoubleBE(header.mono, at)
  at = bytes.writeDoubleBE(header.wall, at)
  at = bytes.writeDoubleBE(header.uptimeMs, at)
  at = bytes.writeUInt8(boot.length, at)
  at += boot.copy(bytes, at)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at)
  return bytes
}

export function decodeHeader(file: Uint8Array): DecodedHeader {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const bad = (message: string) => ({ ok: false, damage: 'bad-header', message }) as const
  if (bytes.length <= BOOT_AT || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return bad('the file does not begin with the header of a journal segment')
  }
  const crcAt = BOOT_AT + 1 + bytes.readUInt8(BOOT_AT)
  if (bytes.length < crcAt + 4 || crc32(bytes.subarray(0, crcAt)) !== bytes.readUInt32BE(crcAt)) {
    return bad('the checksum of its header is wrong')
  }
  const version = bytes.readUInt32BE(MAGIC.length)
  if (version !== VERSION) {
    const message = `its format is ${version}, this program reads ${VERSION}`
    return { ok: false, damage: 'other-format', message }
  }
  const header = {
    first: Number(bytes.readBigUInt64BE(MAGIC.length + 4)),
    checkpoint: Number(bytes.readBigUInt64BE(MAGIC.length + 12)),
    mono: bytes.readDoubleBE(MAGIC.length + 20),
    wall: bytes.readDoubleBE(MAGIC.length + 28),
    uptimeMs: bytes.readDoubleBE(MAGIC.length + 36),
    bootId: bytes.toString('utf8', BOOT_AT + 1, crcAt),
  }
  return { ok: true, header, length: crcAt + 4 }
}
