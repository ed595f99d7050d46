/** Why bytes are not a frame (or a file) that may be used. */
export type FaultCode =
  | 'empty'
  | 'unsupported-version'
  | 'truncated'
  | 'trailing-bytes'
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

export const fail = (
  code: FaultCode,
  offset: number,
  message: string,
): { ok: false; fault: Fault } => ({
  ok: false,
  fault: { code, offset, message },
})
