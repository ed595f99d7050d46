import { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { type Fault, faultOf } from './fault.js'

/** What the device library's files begin with: four letters, then the number of the format, a u32. */
export interface FileHead {
  readonly magic: string
  readonly format: number
}

export function writeHead(writer: ByteWriter, { magic, format }: FileHead): void {
  for (const letter of magic) writer.u8(letter.charCodeAt(0))
  writer.u32(format)
}

/** Leaves a fault in the reader where the bytes begin otherwise. */
export function readHead(reader: ByteReader, { magic, format }: FileHead): void {
  const magicAt = reader.at
  const letters = String.fromCharCode(...reader.bytes('the magic', magic.length))
  if (letters !== magic) {
    const came = JSON.stringify(letters)
    reader.refuse(faultOf('bad-magic', magicAt, `begins with ${came}; "${magic}" was expected`))
  }
  const formatAt = reader.at
  const version = reader.u32('the format')
  if (version === format) return
  reader.refuse(
    faultOf('unsupported-format', formatAt, `${magic} format ${version}; ${format} was expected`),
  )
}

/** What to say where the CRC-32 at `at`, little-endian, is not the `expected` one. */
export function crcFault(bytes: Uint8Array, at: number, expected: number): Fault | undefined {
  const came = new ByteReader(bytes, 'little', at).u32('the CRC')
  if (came === expected) return undefined
  return faultOf('invalid-checksum', at, `CRC-32 ${came}; ${expected} was expected`)
}
