/** Weight of the newest value in a device's average. */
export const ALPHA = 0.3
const KEEP = 1 - ALPHA

/** From so many observations on a device predicts by its average, before by its last value. */
export const SETTLED = 3

/**
 * The device's average after it has observed `value`, in its own order of operations. Each operation is
 * monotone and so is its rounding: the ends of an interval give the ends of the next one without any slack,
 * and an interval of one point stays one, bit for bit.
 */
export const average = (value: number, before: number): number => ALPHA * value + KEEP * before
