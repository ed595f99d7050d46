/** What can be wrong with the settings of a line before anything runs. */
export type LineErrorCode = 'ERR_LINE_ADDRESS' | 'ERR_LINE_DEVICES'

/** Trouble that only the user can mend, in the settings of a line. */
export class LineError extends Error {
  readonly code: LineErrorCode

  constructor(code: LineErrorCode, message: string) {
    super(message)
    this.name = 'LineError'
    this.code = code
  }
}
