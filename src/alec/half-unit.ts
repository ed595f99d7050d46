/** By the exponent bits; never too small. */
const halfUnit = Float64Array.from(
  { length: 256 },
  (_, exponent) => 2 ** (Math.max(exponent, 1) - 151),
)
const f32 = new Float32Array(1)
const f32Bits = new Uint32Array(f32.buffer)

/** Half a unit in the last place of `value` as an f32: how far it may have been rounded. */
export function halfUnitOf(value: number): number {
  f32[0] = value
  return halfUnit[((f32Bits[0] ?? 0) >>> 23) & 255] ?? 0
}
