/** What a message asks for. */
export type RequestDocument =
  | {
      readonly ok: true
      /** Without the transaction. */
      readonly document: unknown
      readonly transaction?: Transaction
    }
  | { readonly ok: false; readonly problem: string; readonly transaction?: Transaction }

/** By which who asked recognises the answer. */
export type Transaction = string | number

/** The longest request: that of a state to import, and room. */
export const MOST_BYTES = 256 * 1024
const LONGEST_TRANSACTION = 128

/** Reads a request; an empty one is as good as an empty map. */
export function readRequest(payload: Uint8Array): RequestDocument {
  if (payload.length > MOST_BYTES)
    return { ok: false, problem: `${payload.length} bytes are too many: at most ${MOST_BYTES}` }
  if (payload.length === 0) return { ok: true, document: {} }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return { ok: false, problem: 'expected a JSON object such as {"device":"shed-1"}, got no JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`
    return { ok: false, problem: `expected a JSON object, got ${got}` }
  }
  const { transaction, ...document } = value as Record<string, unknown>
  if (transaction === undefined) return { ok: true, document }
  if (!isTransaction(transaction)) {
    const problem = `transaction: expected a number or a text of at most ${LONGEST_TRANSACTION} characters`
    return { ok: false, problem }
  }
  return { ok: true, document, transaction }
}

const isTransaction = (value: unknown): value is Transaction =>
  typeof value === 'string' ? value.length <= LONGEST_TRANSACTION : typeof value === 'number'
