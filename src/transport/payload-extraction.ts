import type { PayloadConfig } from '../config/configuration.js'

/** Longest frame that a payload may carry, in bytes; the longest that the protocol can build is about 2.6 KB. */
export const MAX_PAYLOAD_FRAME = 4096
/** Longest JSON document around a frame, in bytes: network servers add a record per gateway that heard it. */
export const MAX_DOCUMENT = 16_384

/** Why a payload holds no frame. */
export type PayloadFault =
  | 'empty'
  | 'too-large'
  | 'bad-hex'
  | 'bad-base64'
  | 'bad-bytes'
  | 'bad-json'
  | 'no-field'

export type Extraction =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: PayloadFault }

const refuse = (reason: PayloadFault): Extraction => ({ ok: false, reason })

/** Longest payload of each form that can still hold an acceptable frame; longer ones are refused unread. */
const LIMITS = {
  binary: MAX_PAYLOAD_FRAME,
  hex: 2 * MAX_PAYLOAD_FRAME,
  base64: 4 * Math.ceil(MAX_PAYLOAD_FRAME / 3),
} as const

/** How to get the ALEC frame out of a message's payload; the bytes that come out are the caller's own. */
export function payloadExtraction(payload: PayloadConfig): (bytes: Uint8Array) => Extraction {
  const { encoding } = payload
  if (payload.json === undefined) {
    return (bytes) => {
      if (bytes.length === 0) return refuse('empty')
      if (bytes.length > LIMITS[encoding]) return refuse('too-large')
      return encoding === 'binary' ? accept(new Uint8Array(bytes)) : fromText(text(bytes), encoding)
    }
  }
  const path = payload.json.split('.')
  return (bytes) => {
    if (bytes.length === 0) return refuse('empty')
    if (bytes.length > MAX_DOCUMENT) return refuse('too-large')
    const document = parse(bytes)
    if (document === undefined) return refuse('bad-json')
    const field = fieldOf(document, path)
    if (encoding === 'binary') return fromByteList(field)
    return typeof field === 'string' ? fromText(field, encoding) : refuse('no-field')
  }
}

function fromText(field: string, encoding: 'hex' | 'base64'): Extraction {
  const digits = field.trim()
  if (encoding === 'hex') {
    if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return refuse('bad-hex')
  } else if (
    !/^[A-Za-z0-9+/_-]*={0,2}$/.test(digits) ||
    digits.replaceAll('=', '').length % 4 === 1
  ) {
    // Both alphabets, padded or not; the decoder alone would skip what it does not know.
    return refuse('bad-base64')
  }
  return accept(Uint8Array.from(Buffer.from(digits, encoding)))
}

/** A JSON array of byte values, as some network servers also print the payload. */
function fromByteList(field: unknown): Extraction {
  if (!Array.isArray(field)) return refuse('no-field')
  const isByte = (item: unknown) =>
    Number.isInteger(item) && Number(item) >= 0 && Number(item) < 256
  return field.every(isByte) ? accept(Uint8Array.from(field)) : refuse('bad-bytes')
}

function accept(bytes: Uint8Array): Extraction {
  if (bytes.length === 0) return refuse('empty')
  return bytes.length > MAX_PAYLOAD_FRAME ? refuse('too-large') : { ok: true, bytes }
}

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    // The caller counts it: this is input, not a surprise.
    return undefined
  }
}

/** Own fields only, so that `__proto__` and `constructor` lead nowhere. */
function fieldOf(document: unknown, path: readonly string[]): unknown {
  let value = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
