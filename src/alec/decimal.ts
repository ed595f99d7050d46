/**
 * A sensor's step as the decimal it is written as: mantissa / 10ᵏ. Multiples are computed as
 * integer · mantissa / 10ᵏ with one rounding, so they are the very f64 that parsing the decimal gives.
 */
export interface Resolution {
  readonly mantissa: number
  /** 10ᵏ, exact up to k = 22. */
  readonly power: number
  /** The step itself, as f64. */
  readonly step: number
}

/** Reads `0.1`, `0.05`, `1`, `5e-3`; undefined for anything that is no positive decimal of at most 15 digits. */
export function parseResolution(text: string): Resolution | undefined {
  const match = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text.trim())
  if (!match) return undefined
  const fraction = match[2] ?? ''
  let digits = `${match[1] ?? ''}${fraction}`.replace(/^0+/, '')
  let exponent = Number(match[3] ?? 0) - fraction.length
  while (digits.endsWith('0')) {
    digits = digits.slice(0, -1)
    exponent++
  }
  if (digits === '' || digits.length > 15 || exponent < -22) return undefined
  const mantissa = exponent > 0 ? Number(digits) * 10 ** exponent : Number(digits)
  if (!Number.isSafeInteger(mantissa)) return undefined
  const power = exponent < 0 ? 10 ** -exponent : 1
  return { mantissa, power, step: mantissa / power }
}

/** The `n`-th multiple, never −0. */
export const multipleAt = (resolution: Resolution, n: number): number =>
  n === 0 ? 0 : (n * resolution.mantissa) / resolution.power

/** The index of the multiple nearest to `value`. */
export const nearestIndex = (resolution: Resolution, value: number): number =>
  Math.round((value * resolution.power) / resolution.mantissa)

// A multiple this little outside an interval (in steps) still counts as inside: the interval's ends and the
// index are each rounded a few times, and counting one multiple too many is sound, one too few is not.
const reach = (index: number): number => 1e-9 + Math.abs(index) * 2 ** -50

/** Index of the first multiple that is not surely below `lo`. */
export function firstIndexFrom(resolution: Resolution, lo: number): number {
  const index = (lo * resolution.power) / resolution.mantissa
  return Math.ceil(index - reach(index))
}

/** Index of the last multiple that is not surely above `hi`. */
export function lastIndexTo(resolution: Resolution, hi: number): number {
  const index = (hi * resolution.power) / resolution.mantissa
  return Math.floor(index + reach(index))
}
