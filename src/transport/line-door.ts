/** Why a line could not be opened, or was lost. */
export interface LineEnd {
  /** `ENOENT`, `EACCES`, `EAGAIN`, `ENOTTY`, `ECONNREFUSED`, `disconnected`, `closed`, … */
  readonly code: string
  /** What is wrong and what to do about it. */
  readonly reason: string
}

/** Called by a line, never from within `open`; nothing follows `onClosed`. */
export interface LineHandlers {
  onOpened(): void
  /** The chunk is only lent for the duration of the call. */
  onData(chunk: Uint8Array): void
  /** How long the next read may wait, in milliseconds: of noise, or of a flood, larger chunks will do. */
  readDelayMs(): number
  /** Once: not opened, lost, or closed by ourselves. */
  onClosed(end: LineEnd): void
}

/** One opening of a byte stream, from the first try to its end; a lost one is never used again. */
export interface ByteLine {
  /** Bytes taken by `write` that the system has not taken yet. */
  readonly backlog: number
  /**
   * Hands bytes to the system, which says by `onTaken` that it has them; false where the line is not open, or
   * is about to close.
   */
  write(bytes: Uint8Array, onTaken?: () => void): boolean
  /** Leads to `onClosed` whatever state the line is in; safe to call twice. */
  close(): void
}

/** The way to a byte stream: every `open` is a fresh try, and failure is told by `onClosed`, never thrown. */
export interface LineDoor {
  /** Stable, for ids and messages: a path, `usb:0403:6001:A5069RR4`, `tcp://10.0.0.7:4001`. */
  readonly address: string
  open(handlers: LineHandlers): ByteLine
}

/** The end of a line that we closed ourselves. */
export const closedByUs: LineEnd = Object.freeze({ code: 'stopped', reason: 'closed by us' })
