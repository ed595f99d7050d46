// The codec reads and writes at offsets of a Uint8Array. A DataView per frame would be an allocation per
// frame, so integers are put together by hand and floats go through one scratch view.
const scratch = new DataView(new ArrayBuffer(8))

export const u16At = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

export const u24At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 16) | u16At(bytes, at + 1)

export const i32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | u24At(bytes, at + 1)

export const u32At = (bytes: Uint8Array, at: number): number => i32At(bytes, at) >>> 0

export const i8At = (bytes: Uint8Array, at: number): number => (bytes[at]! << 24) >> 24

export const i16At = (bytes: Uint8Array, at: number): number => (u16At(bytes, at) << 16) >> 16

export function f32At(bytes: Uint8Array, at: number): number {
  scratch.setInt32(0, i32At(bytes, at))
  return scratch.getFloat32(0)
}

export function f64At(bytes: Uint8Array, at: number): number {
  scratch.setInt32(0, i32At(bytes, at))
  scratch.setInt32(4, i32At(bytes, at + 4))
  return scratch.getFloat64(0)
}

/** Writes the low 16 bits of an integer, signed or not; a Uint8Array itself drops the bits above each byte. */
export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/** Writes the low 24 bits of an integer. */
export function putU24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 16
  putU16(bytes, at + 1, value)
}

/** Writes the low 32 bits of an integer, signed or not. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  putU24(bytes, at + 1, value)
}

/** Writes the nearest f32; a NaN goes out as the canonical one. */
export function putF32(bytes: Uint8Array, at: number, value: number): void {
  scratch.setFloat32(0, value)
  putU32(bytes, at, scratch.getInt32(0))
}

export function putF64(bytes: Uint8Array, at: number, value: number): void {
  scratch.setFloat64(0, value)
  putU32(bytes, at, scratch.getInt32(0))
  putU32(bytes, at + 4, scratch.getInt32(4))
}
