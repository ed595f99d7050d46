/** What a source text is made of, comments left out. A string's text is what stands between its quotes. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punctuator'
  readonly text: string
  /** From 1. */
  readonly line: number
}

const BLANK = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy
const NUMBER = /\d[\w.]*/y
const STRING = /'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"/y
const ANY = /[\s\S]/y
const REGEX = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** Up to the next `${` or the end of the template. */
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y

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
  const skip = (whole: string) => {
    line += whole.split('\n').length - 1
    at += whole.length
  }
  const take = (kind: Token['kind'], found: RegExpExecArray | null): boolean => {
    if (!found) return false
    tokens.push({ kind, text: found[1] ?? found[2] ?? found[0], line })
    skip(found[0])
    return true
  }
  /** From after a backquote, or after the brace that ends a `${ }`. */
  const takeTemplateText = () => {
    at++
    const found = match(TEMPLATE_TEXT)
    if (!found) throw new SyntaxError(`template without an end at line ${line}`)
    if (found[0].endsWith('${')) braces.push(true)
    take('template', found)
  }
  const takePunctuator = (char: string) => {
    if (char === '`' || (char === '}' && braces.pop())) return takeTemplateText()
    if (char === '{') braces.push(false)
    take('punctuator', match(ANY))
  }

  while (at < source.length) {
    const blank = match(BLANK)
    if (blank) {
      skip(blank[0])
      continue
    }
    const known =
      take('string', match(STRING)) ||
      (mayBeRegex(tokens.at(-1)) && take('regex', match(REGEX))) ||
      take('word', match(WORD)) ||
      take('number', match(NUMBER))
    if (!known) takePunctuator(source[at] ?? '')
  }
  return tokens
}

function mayBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'punctuator') return !/[)\]}]/.test(before.text)
  return before.kind === 'word' && BEFORE_REGEX.has(before.text)
}
