import {
  halfUnitOf,
  multipleAt,
  nearestIndex,
  parseResolution,
  type Resolution,
} from '../alec/index.js'

/** A step that sensors have, as it is written, and what it takes to believe in it. */
export interface Rung {
  readonly text: string
  readonly resolution: Resolution
  /** So many changes of the value have to be whole steps of it: more where such a step is rare. */
  readonly changesNeeded: number
}

const PLAIN = 6
const HALVES = 8
const RARE = 12

/** Steps from coarse to fine: decimal ones, their halves, quarters and fifths, and the binary ones of thermometers. */
export const ladder: readonly Rung[] = steps()

function steps(): Rung[] {
  const texts = new Map<string, number>()
  for (let exponent = 3; exponent >= -6; exponent--) {
    const put = (mantissa: number, shift: number, needed: number) =>
      texts.set(decimal(mantissa, exponent - shift), needed)
    put(1, 0, PLAIN)
    put(5, 1, HALVES)
    put(25, 2, RARE)
    put(2, 1, RARE)
  }
  for (const binary of ['0.125', '0.0625', '0.03125', '0.015625']) texts.set(binary, RARE)
  return [...texts]
    .flatMap(([text, changesNeeded]) => {
      const resolution = parseResolution(text)
      return resolution ? [{ text, resolution, changesNeeded }] : []
    })
    .sort((a, b) => b.resolution.step - a.resolution.step)
}

/** `mantissa · 10^exponent`, written without an exponent. */
function decimal(mantissa: number, exponent: number): string {
  if (exponent >= 0) return String(mantissa * 10 ** exponent)
  const digits = String(mantissa).padStart(-exponent + 1, '0')
  const point = digits.length + exponent
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '')
}

/** Whether a value that was sent whole, as an f32 or an f64, can be a multiple. */
export function isMultiple({ resolution }: Rung, value: number, isF32: boolean): boolean {
  const nearest = multipleAt(resolution, nearestIndex(resolution, value))
  const rounding = Math.abs(value) * 2 ** -51
  return Math.abs(nearest - value) <= rounding + (isF32 ? halfUnitOf(value) : 0)
}
