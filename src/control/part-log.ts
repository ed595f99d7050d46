import type { LogPart } from '../config/index.js'
import type { Log } from '../log.js'

/** The log of one part of the bridge: its lines say so, and can have a level of their own. */
export function partLog(log: Log, part: LogPart): Log {
  return {
    debug: (facts, message) => log.debug({ part, ...facts }, message),
    info: (facts, message) => log.info({ part, ...facts }, message),
    warn: (facts, message) => log.warn({ part, ...facts }, message),
    error: (facts, message) => log.error({ part, ...facts }, message),
    writesDebug: () => log.writesDebug?.(part) ?? false,
  }
}
