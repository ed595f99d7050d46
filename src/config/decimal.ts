/** Most significant digits that an f64 keeps apart from any other decimal of as many. */
const MOST_DIGITS = 15
/** Powers of ten are exact in an f64 up to here. */
const LARGEST_POWER = 22

/**
 * Why a text is no resolution, or undefined where it is one: a positive decimal that is exact as
 * integer / 10ᵏ, because the values are computed as multiples of just that.
 */
export function decimalFault(text: string): string | undefined {
  const match = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text)
  const digits = `${match?.[1] ?? ''}${match?.[2] ?? ''}`
  if (!match || digits === '') return 'a decimal such as 0.1, 0.05 or 1'
  const significant = digits.replace(/^0+|0+$/g, '')
  if (significant === '') return 'more than 0'
  if (significant.length > MOST_DIGITS) return `a decimal of at most ${MOST_DIGITS} digits`
  const trailing = /0*$/.exec(digits)?.[0].length ?? 0
  const power = Number(match[3] ?? 0) - (match[2] ?? '').length + trailing
  const tooLarge = power > 0 && Number(significant) * 10 ** power > Number.MAX_SAFE_INTEGER
  return power < -LARGEST_POWER || tooLarge ? 'between 1e-22 and 9e15' : undefined
}
