/** A sine around 20 as a sensor with this many decimals reports it; the n-th of its values. */
export function sineAround20(decimals: number): (n: number) => number {
  const steps = 10 ** decimals
  return (n) => Math.round((20 + 5 * Math.sin(n / 100)) * steps) / steps
}

/** The first `count` values. */
export function sineValues(count: number, decimals: number): Float64Array {
  const at = sineAround20(decimals)
  return Float64Array.from({ length: count }, (_, n) => at(n))
}
