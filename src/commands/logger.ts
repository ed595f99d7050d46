import pino from 'pino'
import type { LogLevel } from '../config/index.js'
import type { Log } from '../log.js'

/** Structured log lines, one JSON object each, to the given place. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['password', '*.password', 'err.config'],
    },
    { write },
  )
}
