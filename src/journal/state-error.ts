/** Why the state directory cannot be used. Only `ERR_STATE_IN_USE` means that another bridge would be harmed. */
export type StateErrorCode = 'ERR_STATE_IN_USE' | 'ERR_STATE_LOCK' | 'ERR_STATE_DIRECTORY'

/** Trouble with the state directory as a whole; `cause` is the system's error where there is one. */
export class StateError extends Error {
  readonly code: StateErrorCode
  /** The process that uses the directory, for `ERR_STATE_IN_USE`. */
  readonly pid: number | undefined

  constructor(code: StateErrorCode, message: string, options?: ErrorOptions & { pid?: number }) {
    super(message, options)
    this.name = 'StateError'
    this.code = code
    this.pid = options?.pid
  }
}
