import type { Log } from '../../src/log.js'

export interface HeardLog extends Log {
  readonly lines: readonly string[]
}

/** A log that keeps what it is told, one line each: `warn message {facts}`. */
export function heardLog(): HeardLog {
  const lines: string[] = []
  const say = (level: string) => (facts: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(facts)}`)
  return { lines, debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}
