import { Encoding } from './encoding.js'
import type { SourceView } from './source-state.js'

/** Closer than this to the last value is the last value, for the device. */
export const sameValue = 2 ** -52
/** A value this close to its f32 goes out as one. */
const nearF32 = 0.0001

/** How one value goes out; reused from value to value. */
export class Choice {
  encoding: number = Encoding.repeated
  /** What goes behind the encoding: the raw value or the delta. */
  number = 0
}

/** Rounds half away from zero, as the device does; NaN, after which its sums say nothing, is 0. */
export function roundHalfAway(x: number): number {
  if (Number.isNaN(x)) return 0
  // Math.round alone takes −2.5 to −2.
  return x < 0 ? -Math.round(-x) : Math.round(x)
}

/** How a device sends `value` in a standard frame, given what it knows of the source. */
export function chooseStandard(
  value: number,
  source: SourceView | undefined,
  scale: number,
  into: Choice,
): void {
  into.number = value
  if (!Number.isFinite(value)) {
    into.encoding = Encoding.raw64
  } else if (source !== undefined && Math.abs(value - source.last) < sameValue) {
    into.encoding = Encoding.repeated
  } else if (!chooseDelta(value, source, scale, true, into)) {
    const near = Math.abs(Math.fround(value) - value) < nearF32
    into.encoding = near ? Encoding.raw32 : Encoding.raw64
  }
}

/**
 * How a device sends `value` in a compact data frame. `same` is how close to the last value counts as
 * repeated: `sameValue`, or half a delta's step on a closed-loop device.
 */
export function chooseCompact(
  value: number,
  source: SourceView | undefined,
  scale: number,
  same: number,
  into: Choice,
): void {
  into.number = value
  if (!Number.isFinite(value)) {
    into.encoding = Encoding.raw32
  } else if (source !== undefined && Math.abs(value - source.last) < same) {
    into.encoding = Encoding.repeated
  } else if (!chooseDelta(value, source, scale, false, into)) {
    into.encoding = Encoding.raw32
  }
}

function chooseDelta(
  value: number,
  source: SourceView | undefined,
  scale: number,
  wide: boolean,
  into: Choice,
): boolean {
  if (source === undefined || source.count === 0) return false
  const delta = roundHalfAway((value - source.prediction) * scale)
  if (delta >= -0x80 && delta <= 0x7f) into.encoding = Encoding.delta8
  else if (delta >= -0x8000 && delta <= 0x7fff) into.encoding = Encoding.delta16
  else if (wide && delta >= -0x8000_0000 && delta <= 0x7fff_ffff) into.encoding = Encoding.delta32
  else return false
  into.number = delta
  return true
}
