/**
 * Renders a template as Home Assistant does, as far as our templates go: `get`, `in`, `and`, `or`, `if … else`, `set`,
 * arithmetic, `round` and `tojson`. What Home Assistant would write a warning about, such as a key that is not there or
 * an `if` without `else`, throws.
 */
export function render(template: string, payload: string): string {
  const names = new Map<string, unknown>([['value_json', JSON.parse(payload)]])
  let out = ''
  let skipping = false
  for (const [, text = '', mark, code = ''] of template.matchAll(
    /([^{]*)(?:\{([{%])\s*(.*?)\s*[}%]\})?/gs,
  )) {
    if (!skipping) out += text
    if (mark === undefined) continue
    const set = /^set (\w+) = (.*)$/s.exec(code)
    const condition = /^if (.*)$/s.exec(code)
    if (mark === '{') out += skipping ? '' : shown(evaluate(code, names))
    else if (code === 'endif') skipping = false
    else if (set) names.set(set[1] ?? '', evaluate(set[2] ?? '', names))
    else if (condition) skipping = !truthy(evaluate(condition[1] ?? '', names))
    else throw new Error(`{% ${code} %} is not known here`)
  }
  return out
}

const shown = (value: unknown): string =>
  value === null ? 'None' : typeof value === 'string' ? value : String(value)

const truthy = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)

type Names = ReadonlyMap<string, unknown>

function evaluate(code: string, names: Names): unknown {
  const tokens = code.match(/'[^']*'|\d+(?:\.\d+)?|\w+|!=|[-+*/%>|().,{}:]/g) ?? []
  return new Expression(tokens, names).whole()()
}

/** What is read is looked at only where it counts: behind a false condition nothing is missing. */
type Value = () => unknown

class Expression {
  readonly #tokens: readonly string[]
  readonly #names: Names
  #at = 0

  constructor(tokens: readonly string[], names: Names) {
    this.#tokens = tokens
    this.#names = names
  }

  whole(): Value {
    const value = this.#conditional()
    if (this.#at < this.#tokens.length)
      throw new Error(`left over: ${this.#tokens.slice(this.#at).join(' ')}`)
    return value
  }

  #conditional(): Value {
    const value = this.#or()
    if (!this.#take('if')) return value
    const condition = this.#or()
    if (!this.#take('else')) throw new Error('an if without else is a warning')
    const other = this.#conditional()
    return () => (truthy(condition()) ? value() : other())
  }

  #or(): Value {
    const left = this.#and()
    if (!this.#take('or')) return left
    const right = this.#or()
    return () => {
      const value = left()
      return truthy(value) ? value : right()
    }
  }

  #and(): Value {
    const left = this.#comparison()
    if (!this.#take('and')) return left
    const right = this.#and()
    return () => {
      const value = left()
      return truthy(value) ? right() : value
    }
  }

  #comparison(): Value {
    const left = this.#sum()
    const sign = this.#takeOneOf('in', '!=', '>')
    if (!sign) return left
    const right = this.#sum()
    if (sign === 'in') return () => Object.hasOwn(object(right()), String(left()))
    if (sign === '!=') return () => left() !== right()
    return () => number(left()) > number(right())
  }

  #sum(): Value {
    const left = this.#product()
    if (!this.#take('+')) return left
    const right = this.#sum()
    return () => number(left()) + number(right())
  }

  #product(): Value {
    let value = this.#filtered()
    for (let sign = this.#takeOneOf('*', '/'); sign; sign = this.#takeOneOf('*', '/')) {
      const [left, right, divides] = [value, this.#filtered(), sign === '/']
      value = () => (divides ? number(left()) / number(right()) : number(left()) * number(right()))
    }
    return value
  }

  #filtered(): Value {
    let value = this.#member()
    while (this.#take('|')) {
      const of = value
      if (this.#take('tojson')) value = () => JSON.stringify(of())
      else if (this.#take('round')) {
        const [digits] = this.#arguments()
        value = () => Number(number(of()).toFixed(number(digits?.())))
      } else throw new Error(`filter ${this.#tokens[this.#at]} is not known here`)
    }
    return value
  }

  #member(): Value {
    let value = this.#primary()
    while (this.#take('.')) {
      const [of, name] = [value, this.#next()]
      const isCall = name === 'get' && this.#tokens[this.#at] === '('
      const [key, fallback] = isCall ? this.#arguments() : []
      value = () => {
        const document = object(of())
        const wanted = isCall ? String(key?.()) : name
        if (Object.hasOwn(document, wanted)) return document[wanted]
        if (isCall) return fallback ? fallback() : null
        throw new Error(`'dict object' has no attribute '${name}'`)
      }
    }
    return value
  }

  #primary(): Value {
    const token = this.#next()
    if (token === '(') {
      const value = this.#conditional()
      this.#expect(')')
      return value
    }
    if (token === '{') return this.#dictionary()
    if (token.startsWith("'")) return () => token.slice(1, -1)
    if (/^\d/.test(token)) return () => Number(token)
    return () => {
      if (!this.#names.has(token)) throw new Error(`'${token}' is undefined`)
      return this.#names.get(token)
    }
  }

  #dictionary(): Value {
    const entries: [Value, Value][] = []
    while (!this.#take('}')) {
      const key = this.#primary()
      this.#expect(':')
      entries.push([key, this.#conditional()])
      this.#take(',')
    }
    return () => Object.fromEntries(entries.map(([key, value]) => [String(key()), value()]))
  }

  #arguments(): Value[] {
    this.#expect('(')
    const values: Value[] = []
    while (!this.#take(')')) {
      values.push(this.#conditional())
      this.#take(',')
    }
    return values
  }

  #takeOneOf(...tokens: string[]): string | undefined {
    return tokens.find((token) => this.#take(token))
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new Error(`${token} expected, got ${this.#tokens[this.#at]}`)
  }

  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('the expression ends too early')
    return token
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error(`${String(value)} has no keys`)
  return Object.fromEntries(Object.entries(value))
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`${String(value)} is no number`)
  return value
}
