/** The bytes that hexadecimal digits spell, spaces and a leading `0x` aside; undefined where they spell none. */
export function bytesOf(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '').replace(/^0x/i, '')
  if (digits.length % 2 === 1 || !/^[0-9a-f]*$/i.test(digits)) return undefined
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

export function hexOf(bytes: Uint8Array, between = ''): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    if (i > 0) text += between
    text += HEX[bytes[i] ?? 0]
  }
  return text
}

/** A number as JSON has it: what JSON has no word for becomes a string. */
export function spell(value: number): number | string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}

/** One line of JSON in which every number is spelled. */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value, (_key, part) => (typeof part === 'number' ? spell(part) : part))}\n`

/** A number as people read it: without the noise of its last digits. */
export const short = (value: number): string => String(Number(value.toPrecision(10)))

/** An interval as people read it. */
export function span({ lo, hi }: { readonly lo: number; readonly hi: number }): string {
  if (lo === hi) return short(lo)
  if (lo === Number.NEGATIVE_INFINITY && hi === Number.POSITIVE_INFINITY) return 'anything'
  return `${short(lo)} … ${short(hi)}`
}

/** Rows of equally many cells as aligned lines; `right` lists the columns whose cells end together. */
export function columns(
  rows: readonly (readonly string[])[],
  indent: string,
  right: readonly number[] = [],
): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      return `${indent}${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}
