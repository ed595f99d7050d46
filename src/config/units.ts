const MILLISECONDS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const
const BYTES = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const

export const DURATION = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|min|h|d)$/
export const SIZE = /^(\d{1,9}(?:\.\d{1,6})?) ?(B|kB|MB|GB|KiB|MiB|GiB)$/

/** Milliseconds of `500ms`, `60s`, `5min`, `1.5h`, `2d`; undefined for anything else. */
export const parseDuration = (text: string): number | undefined =>
  parseQuantity(text, DURATION, MILLISECONDS)

/** Bytes, whole, of `4096B`, `64KiB`, `256MiB`, `1GB`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const bytes = parseQuantity(text, SIZE, BYTES)
  return bytes === undefined ? undefined : Math.round(bytes)
}

function parseQuantity(
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, number, unit] = pattern.exec(text) ?? []
  const factor = unit === undefined ? undefined : units[unit]
  return factor === undefined ? undefined : Number(number) * factor
}
