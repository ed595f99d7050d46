/** Why bytes are not a frame (or a file) that may be used. */
export type FaultCode =
  | 'empty'
  | 'unsupported-version'
  | 'truncated'
  | 'trailing-bytes'
  | 'unused-bits'
  | 'invalid-priority'
  | 'invalid-message-type'
  | 'invalid-checksum'
  | 'invalid-varint'
  | 'unknown-encoding'
  | 'encoding-not-allowed'
  | 'no-prediction'
  | 'no-last-value'
  | 'unknown-pattern'
  | 'invalid-pattern'
  | 'wrong-family'
  | 'wrong-length'
  | 'unknown-source'
  | 'too-large'
  | 'bad-magic'
  | 'unsupported-format'
  | 'invalid-text'
  | 'invalid-number'
  | 'diverged'

/** An expected failure, as a value: what came, where, and what it means. */
export interface Fault {
  readonly code: FaultCode
  /** Byte offset of the first byte that cannot be accepted. */
  readonly offset: number
  readonly message: string
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })

export const faultOf = (code: FaultCode, offset: number, message: string): Fault => ({
  code,
  offset,
  message,
})

export const failed = (fault: Fault): { ok: false; fault: Fault } => ({ ok: false, fault })

export const fail = (
  code: FaultCode,
  offset: number,
  message: string,
): { ok: false; fault: Fault } => failed(faultOf(code, offset, message))

/** What came, the way every message prints a byte: `0x0a`. */
export const hexByte = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`

/** The bytes end at `end`, before all `needed` bytes of `what`, which begins at `at`, have come. */
export const truncated = (what: string, at: number, needed: number, end: number): Fault =>
  faultOf(
    'truncated',
    end,
    `${count(needed, 'byte')} expected at offset ${at} for ${what}, but ${end > at ? `only ${end - at}` : 'none'} came`,
  )

/** The content ended at `at`, the bytes only at `end`. */
export const trailingBytes = (what: string, at: number, end: number): Fault =>
  faultOf(
    'trailing-bytes',
    at,
    `${what} ends at offset ${at}, but ${count(end - at, 'more byte')} came`,
  )

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
