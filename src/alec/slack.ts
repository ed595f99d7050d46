/** Room for the few roundings of a sum of numbers of this size. */
export const roundingSlack = (a: number, b: number): number =>
  4 * 2 ** -52 * Math.max(Math.abs(a), Math.abs(b))

/** How far a value that was left out within `reach` · |prediction| lies at most from a prediction in [lo, hi]. */
export function leftOutWidth(lo: number, hi: number, reach: number): number {
  if (reach === Number.POSITIVE_INFINITY) return reach
  const size = Math.max(Math.abs(lo), Math.abs(hi))
  // Near 0 the device does not divide by its prediction.
  const nearZero = lo <= 2 ** -52 && hi >= -(2 ** -52)
  const width = reach * (nearZero ? Math.max(size, 1) : size)
  return width + roundingSlack(size, width)
}
