/** What others wrote cannot steer the terminal: neither control characters nor changes of direction are left in it. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')

const NO_CELL = /[\p{Mn}\p{Me}]/u
/** East Asian scripts, full-width forms and emoji. */
const TWO_CELLS =
  /[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u

const cellsOf = (character: string): number => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  return NO_CELL.test(character) ? 0 : TWO_CELLS.test(character) ? 2 : 1
}

/** How many cells of a terminal a printable text takes. */
export function cells(text: string): number {
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

/** A printable text in exactly so many cells: filled up with spaces, or cut with a mark. */
export function inCells(text: string, width: number): string {
  if (width <= 0) return ''
  const wide = cells(text)
  if (wide <= width) return text + ' '.repeat(width - wide)
  let cut = ''
  let taken = 0
  for (const character of text) {
    const more = cellsOf(character)
    if (taken + more > width - 1) break
    cut += character
    taken += more
  }
  return `${cut}…${' '.repeat(width - 1 - taken)}`
}
