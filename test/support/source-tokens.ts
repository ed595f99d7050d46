/** What a source text is made of, comments left out. A string's text is what stands between its quotes. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuator'
  readonly text: string
  /** From 1. */
  readonly line: number
}

const BLANK = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy
const NUMBER = /\d[\w.]*/y
const STRING = /'((?:[^'\\\n]|\\[^])*)'|"((?:[^"\\\n]|\\[^])*)"/y
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** Up to the next `${` or the end of the template. */
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y

/** After these words a slash begins a regular expression; after any other it divides. */
const BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new else do await yield'.split(' '),
)

/** Cuts TypeScript into tokens: just enough of the grammar to tell code from comments, strings and patterns. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  /** For every open brace whether it is the `${` of a template. */
  const braces: boolean[] = []
  let at = 0
  let line = 1

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  const take = (length: number, kind?: Token['kind'], text?: string) => {
    const whole = source.slice(at, at + length)
    if (kind) tokens.push({ kind, text: text ?? whole, line })
    line += whole.split('\n').length - 1
    at += length
  }
  const takeTemplateText = () => {
    const found = match(TEMPLATE_TEXT)
    if (!found) throw new SyntaxError(`template without an end at line ${line}`)
    if (found[0].endsWith('${')) braces.push(true)
    take(found[0].length, 'template')
  }

  while (at < source.length) {
    const char = source[at]
    const blank = match(BLANK)
    if (blank) {
      take(blank[0].length)
      continue
    }
    if (char === '`') {
      at++
      takeTemplateText()
      continue
    }
    if (char === '}' && braces.pop()) {
      at++
      takeTemplateText()
      continue
    }
    const string = match(STRING)
    if (string) {
      take(string[0].length, 'string', string[1] ?? string[2])
      continue
    }
    const regex = mayBeRegex(tokens.at(-1)) ? match(REGEX) : null
    const word = match(WORD)
    const number = match(NUMBER)
    if (regex) take(regex[0].length, 'regex')
    else if (word) take(word[0].length, 'word')
    else if (number) take(number[0].length, 'number')
    else {
      if (char === '{') braces.push(false)
      take(1, 'punctuator')
    }
  }
  return tokens
}

function mayBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'punctuator') return !/[)\]}]/.test(before.text)
  return before.kind === 'word' && BEFORE_REGEX.has(before.text)
}
