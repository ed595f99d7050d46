import pino from 'pino'
import { type Clock, systemClock, type Undo } from '../clock.js'
import type { LogLevel } from '../config/index.js'
import { LogLevels, LogLimit, type LogLine, type LogLineLevel } from '../control/index.js'
import type { Log } from '../log.js'
import { oneLine, tidyFacts } from './log-facts.js'

/** The log of the whole process. */
export interface ProcessLog extends Log {
  /** The last word before the process ends by a bug: always written. */
  fatal(facts: object, message: string): void
  /** Writes what is held back; for the end. */
  flush(): void
}

/** Does not keep the process alive for the sake of a line that may be flushed as well. */
const unheldClock: Clock = {
  ...systemClock,
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs).unref()
    return () => clearTimeout(timer)
  },
}

const LOOK_AGAIN_MS = 250

/**
 * Structured log lines, one JSON object each, to the given place: at most twenty a second, repeats collapsed, without
 * secrets, control characters escaped.
 */
export function createLog(
  level: LogLevel | LogLevels,
  write: (line: string) => void,
  clock: Clock = unheldClock,
): ProcessLog {
  const levels = typeof level === 'string' ? new LogLevels({ level, parts: {} }) : level
  let wall = 0
  const logger = pino(
    {
      // What is written is decided here, part by part.
      level: 'trace',
      base: null,
      timestamp: () => `,"time":"${new Date(wall).toISOString()}"`,
      // What is named so anywhere goes in `tidyFacts`; this is for what a logger of pino's own is given.
      redact: { paths: ['password', '*.password'], censor: '[redacted]' },
      // `tidyFacts` has made plain facts of every error.
      serializers: { err: (error: unknown) => error },
    },
    { write: (line) => write(oneLine(line)) },
  )
  const put = (line: LogLine) => {
    wall = line.wall
    logger[line.level](line.facts, line.message)
  }
  const limit = new LogLimit()
  let undo: Undo | undefined
  const lookAgain = () => {
    undo = undefined
    for (const line of limit.due(clock.mono())) put(line)
    if (limit.holds) undo = clock.setTimer(LOOK_AGAIN_MS, lookAgain)
  }
  const say = (at: LogLineLevel) => (facts: object, message: string) => {
    if (!levels.writes(at, partOf(facts))) return
    const line = { level: at, facts: tidyFacts(facts), message, wall: clock.wall() }
    const written = limit.offer(line, clock.mono())
    if (written) put(written)
    if (limit.holds) undo ??= clock.setTimer(LOOK_AGAIN_MS, lookAgain)
  }
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('fatal'),
    writesDebug: (part) => levels.writes('debug', part),
    flush() {
      undo?.()
      undo = undefined
      for (const line of limit.rest(clock.mono())) put(line)
    },
  }
}

const partOf = (facts: object): string | undefined =>
  'part' in facts && typeof facts.part === 'string' ? facts.part : undefined
