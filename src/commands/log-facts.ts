/** No id that this program gives is longer; others' may be, and end here. */
const ID_LENGTH = 64
const ID_FACTS = new Set(['device', 'devices', 'latest', 'client', 'user', 'id'])
/** Paths, addresses and reasons. */
const TEXT_LENGTH = 1024
const STACK_LENGTH = 8192
const LIST_LENGTH = 100
const SHOWN_BYTES = 16
const DEPTH = 4
const SECRET = /^(.*[_-])?(password|passphrase|secret|token|api[_-]?key|private[_-]?key)$/i

/**
 * The facts of a log line as they may be written: what is named as a secret is not, ids and texts have an end, bytes
 * are their count and the first of them, an error is what it says and nothing that it carries.
 */
export const tidyFacts = (facts: object): object => tidyObject(facts, 0)

function tidyObject(facts: object, depth: number): object {
  // No prototype: a fact may be named as anything.
  const tidied: Record<string, unknown> = Object.create(null)
  for (const [name, fact] of Object.entries(facts))
    tidied[name] = SECRET.test(name) ? '[redacted]' : tidy(name, fact, depth)
  return tidied
}

function tidy(name: string, fact: unknown, depth: number): unknown {
  if (typeof fact === 'string') return cut(fact, ID_FACTS.has(name) ? ID_LENGTH : TEXT_LENGTH)
  if (typeof fact === 'bigint') return String(fact)
  if (typeof fact !== 'object' || fact === null) return fact
  if (fact instanceof Uint8Array) return bytes(fact)
  if (depth >= DEPTH) return '…'
  if (fact instanceof Error) return error(fact, depth)
  if (fact instanceof Map) return tidyObject(Object.fromEntries(fact), depth + 1)
  if (Array.isArray(fact) || fact instanceof Set) return list(name, [...fact], depth)
  return tidyObject(fact, depth + 1)
}

function list(name: string, items: readonly unknown[], depth: number): unknown[] {
  const shown = items.slice(0, LIST_LENGTH).map((item) => tidy(name, item, depth + 1))
  return items.length > shown.length ? [...shown, `… ${items.length - shown.length} more`] : shown
}

function error(
  { name, message, stack, cause, ...more }: Error & { code?: unknown },
  depth: number,
) {
  return {
    type: name,
    message: cut(message, TEXT_LENGTH),
    ...(typeof more.code === 'string' && { code: cut(more.code, ID_LENGTH) }),
    ...(stack !== undefined && { stack: cut(stack, STACK_LENGTH) }),
    ...(cause !== undefined && { cause: tidy('cause', cause, depth + 1) }),
  }
}

const bytes = (all: Uint8Array): string => {
  const shown = Buffer.from(all.subarray(0, SHOWN_BYTES)).toString('hex')
  return `${all.length} bytes: ${shown}${all.length > SHOWN_BYTES ? '…' : ''}`
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text

/** What a terminal obeys or a reader does not see, beside what JSON escapes: DEL, C1, line ends, directions. */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
const CREDENTIALS = /:\/\/[^/\s"@]*@/g

/** A line of JSON that shows all that it holds, and no user or password in an address. */
export const oneLine = (line: string): string =>
  line.replace(CREDENTIALS, '://').replace(UNSEEN, escaped)

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
