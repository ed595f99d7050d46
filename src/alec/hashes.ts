import crc32Of from 'crc/calculators/crc32'
import createHashes from 'xxhash-wasm'

// One await when the module loads, so that every hash afterwards is a plain call.
const { h64Raw } = await createHashes()

const utf8 = new TextEncoder()

/** xxHash64, seed 0: context hashes and source ids. */
export const xxh64 = (bytes: Uint8Array): bigint => h64Raw(bytes)

/** CRC-32 (ISO-HDLC), unsigned: what ALCS and preload files are sealed with. */
export function crc32(bytes: Uint8Array): number {
  // Never with a second argument: the library takes an earlier result of 0 for another start value.
  return crc32Of(bytes) >>> 0
}

/** The source id, 1 to 127, that a device library gives to a string name; 0 for no name. */
export const deviceSourceId = (name: string | undefined): number =>
  name === undefined ? 0 : Number(xxh64(utf8.encode(name)) % 127n) + 1
