import createHashes from 'xxhash-wasm'

// One await when the module loads, so that hashing is a plain call afterwards.
const { h64Raw } = await createHashes()

/** The source id, 1 to 127, that the device library gives to a name. */
export const sourceIdOf = (name: string): number =>
  Number(h64Raw(new TextEncoder().encode(name)) % 127n) + 1
