// JSON in which every number comes back bit for bit. JSON has no words for four kinds of them, so these are the
// strings "NaN", "Infinity", "-Infinity" and "-0"; a text that reads like one of them, whatever tildes stand before
// it, gets one tilde more: the text NaN is "~NaN", the text ~NaN is "~~NaN". Every other string is itself.

const WORDS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])
const LIKE_A_WORD = /^~*(?:NaN|-?Infinity|-0)$/

/** Writes a JSON-like value; throws a `TypeError` on what is none (a `Map`, a function, a cycle, …). */
export function printExact(value: unknown): string {
  // measured: a replacer costs three times plain JSON, a look beforehand a fifth of it, a printer of our own four times.
  const text = isPlainJson(value) ? JSON.stringify(value) : JSON.stringify(value, toJson)
  if (text === undefined) throw new TypeError('undefined is not like JSON')
  return text
}

/** Reads what `printExact` wrote; throws a `SyntaxError` on what is no JSON. */
export function parseExact(text: string): unknown {
  return revived(JSON.parse(text))
}

/** Nothing that we write is deeper, but a cycle is: JSON itself knows what to say of that. */
const DEEPEST = 100

/** Whether nothing in it needs words, or is none of ours: then JSON itself writes the same. */
function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'number':
      return value === 0 ? 1 / value > 0 : value - value === 0
    case 'string':
      return !LIKE_A_WORD.test(value)
    case 'object':
      if (value === null) return true
      if (depth === DEEPEST) return false
      return Array.isArray(value) ? isPlainList(value, depth + 1) : isPlainMap(value, depth + 1)
    case 'boolean':
      return true
    default:
      return false
  }
}

function isPlainList(list: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < list.length; i++) if (!isPlainJson(list[i], depth)) return false
  return true
}

function isPlainMap(object: object, depth: number): boolean {
  if (!isPlain(object)) return false
  for (const key in object) {
    const value = (object as Record<string, unknown>)[key]
    if (value !== undefined && !isPlainJson(value, depth)) return false
  }
  return true
}

function toJson(this: unknown, _key: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      if (Object.is(value, -0)) return '-0'
      return Number.isFinite(value) ? value : String(value)
    case 'string':
      return LIKE_A_WORD.test(value) ? `~${value}` : value
    case 'object':
      if (value === null || Array.isArray(value) || isPlain(value)) return value
      throw new TypeError(`a ${value.constructor?.name ?? 'strange object'} is not like JSON`)
    case 'undefined':
      // A property that is not there may stay so; in a list it would become null.
      if (!Array.isArray(this)) return undefined
      throw new TypeError('undefined in a list is not like JSON')
    case 'boolean':
      return value
    default:
      throw new TypeError(`a ${typeof value} is not like JSON`)
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

// measured: in place 1.2 times plain `JSON.parse`; with a reviver 4 times.
function revived(value: unknown): unknown {
  if (typeof value === 'string')
    return LIKE_A_WORD.test(value) ? (WORDS.get(value) ?? value.slice(1)) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (typeof value[i] !== 'number') value[i] = revived(value[i])
    return value
  }
  // Even the key `__proto__` is a plain one here: `JSON.parse` has made it the object's own.
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) object[key] = revived(object[key])
  return object
}
