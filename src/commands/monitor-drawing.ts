import type { Line } from './monitor-table.js'
import type { Paint } from './monitor-words.js'
import { cells, inCells } from './terminal-text.js'

const COLOURS: Readonly<Record<Paint, string>> = {
  good: '\u001b[32m',
  doubtful: '\u001b[33m',
  bad: '\u001b[31m',
  faint: '\u001b[2m',
  chosen: '\u001b[7m',
  strong: '\u001b[1m',
}
/** Without colours, what is chosen and what is a head can still be told. */
const WITHOUT_COLOURS: ReadonlySet<Paint> = new Set<Paint>(['chosen', 'strong', 'faint'])
const RESET = '\u001b[0m'
const CLEAR = '\u001b[2J'
const CLEAR_REST = '\u001b[K'

/** A line as the terminal takes it, no wider than it. */
export function painted(line: Line, width: number, coloured: boolean): string {
  let left = width
  let text = ''
  for (const span of line) {
    if (left <= 0) break
    const wide = cells(span.text)
    const part = wide <= left ? span.text : inCells(span.text, left)
    left -= Math.min(wide, left)
    const { paint } = span
    const isPainted = paint !== undefined && (coloured || WITHOUT_COLOURS.has(paint))
    text += isPainted ? `${COLOURS[paint]}${part}${RESET}` : part
  }
  return text
}

/** The same where nobody understands how to paint. */
export const unpainted = (line: Line): string => line.map(({ text }) => text).join('')

/** Draws what has changed since the last time, and nothing else. */
export class Drawing {
  readonly #coloured: boolean
  #drawn: readonly string[] | undefined

  constructor(coloured: boolean) {
    this.#coloured = coloured
  }

  /** Nothing of what was drawn is there any more. */
  forget(): void {
    this.#drawn = undefined
  }

  /** What is to be written so that these lines stand on the screen. */
  update(lines: readonly Line[], width: number): string {
    const before = this.#drawn
    const now = lines.map((line) => painted(line, width, this.#coloured))
    this.#drawn = now
    let text = before ? '' : CLEAR
    for (const [index, line] of now.entries())
      if (line !== (before?.[index] ?? '')) text += `\u001b[${index + 1};1H${line}${CLEAR_REST}`
    return text
  }
}
