import crc16Of from 'crc/calculators/crc16ccitt'
import { crc32 } from './crc32.js'

export type Crc = 'crc32' | 'crc16' | 'none'

/** A CRC as the line uses it: big-endian behind the bytes that it covers. */
export interface Checksum {
  /** Bytes on the wire. */
  readonly size: 0 | 2 | 4
  /** The CRC of no bytes. */
  readonly empty: number
  /** The CRC of `bytes`, unsigned, going on from the CRC of what came before them. */
  of(bytes: Uint8Array, previous: number): number
}

const checksums: Readonly<Record<Crc, Checksum>> = {
  crc32: { size: 4, empty: 0, of: crc32 },
  crc16: { size: 2, empty: 0xffff, of: (bytes, previous) => crc16Of(bytes, previous) },
  none: { size: 0, empty: 0, of: () => 0 },
}

/** CRC-32 (ISO-HDLC), CRC-16/CCITT-FALSE, or nothing, which is zero bytes long and always agrees. */
export const checksumOf = (crc: Crc): Checksum => checksums[crc]

/** Bytes that the CRC takes on the wire. */
export const crcSize = (crc: Crc): number => checksums[crc].size

/** The big-endian CRC that ends at `end`. */
export function readChecksum(bytes: Uint8Array, size: number, end: number): number {
  let value = 0
  for (let at = end - size; at < end; at++) value = (value << 8) | bytes[at]!
  return value >>> 0
}

/** Writes the CRC big-endian at `at`. */
export function writeChecksum(bytes: Uint8Array, size: number, at: number, crc: number): void {
  for (let i = 0; i < size; i++) bytes[at + i] = crc >>> (8 * (size - 1 - i))
}
