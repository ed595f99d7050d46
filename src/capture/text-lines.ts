import { LONGEST_FRAME } from './capture-line.js'

/** No line of a capture is longer; what is holds no frame, and is not kept in memory. */
const LONGEST_LINE = 2 * LONGEST_FRAME + 256

export interface TextLine {
  /** From 1. */
  readonly number: number
  /** Cut where it is longer than any line of a capture. */
  readonly text: string
  readonly tooLong: boolean
  /** False for a last line that nothing ends: who wrote it was stopped in the middle. */
  readonly ended: boolean
}

/** Takes a text of any length apart into lines, in bounded memory. */
export async function* textLines(
  chunks: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder()
  let rest = ''
  let tooLong = false
  let number = 0
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const whole = rest + text.slice(start, end)
      yield line(++number, whole, tooLong || whole.length > LONGEST_LINE, true)
      rest = ''
      tooLong = false
      start = end + 1
    }
    rest += text.slice(start)
    if (rest.length > LONGEST_LINE) {
      tooLong = true
      rest = rest.slice(0, LONGEST_LINE)
    }
  }
  if (rest !== '') yield line(number + 1, rest, tooLong, false)
}

const line = (number: number, text: string, tooLong: boolean, ended: boolean): TextLine => ({
  number,
  text: tooLong ? text.slice(0, LONGEST_LINE) : text,
  tooLong,
  ended,
})
