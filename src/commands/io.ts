import type { Undo } from '../clock.js'

/** Says what is still to be said, and makes safe what can be. */
export type LastWords = (error: unknown) => Promise<void>

/** Whoever reads what is written to stdout. */
export interface StdoutReader {
  /** Resolves once all that was written is taken, or nobody reads any more. */
  taken(): Promise<void>
  /** The process ends without waiting for what is not taken. */
  abandon(): void
}

/** What a verb may touch of the outside world, handed in so that tests run verbs in process. */
export interface CommandIo {
  /** Writes text as it is, without adding a line end. */
  stdout(text: string): void
  /** Absent where all is taken at once. */
  readonly stdoutReader?: StdoutReader
  stderr(text: string): void
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborted when the verb shall stop (Ctrl-C, SIGTERM, `--for`). */
  readonly signal: AbortSignal
  /** Width of the terminal on stdout in columns; undefined where stdout is none. */
  readonly columns: number | undefined
  /** Calls back where the process has to end by a bug; absent where nothing is to be made safe then. */
  readonly onCrash?: (lastWords: LastWords) => Undo
  /** Calls back when the configuration shall be looked at again (SIGHUP), as long as the process lives. */
  readonly onHangup?: (look: () => void) => void
}

/** Exit codes, as in sysexits. */
export const Exit = {
  ok: 0,
  usage: 64,
  badData: 65,
  unavailable: 69,
  bug: 70,
  ioError: 74,
  noPermission: 77,
  configuration: 78,
} as const
