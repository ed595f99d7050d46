import { formatProblem, loadConfiguration } from '../config/index.js'
import type { Log } from '../log.js'
import type { CommandIo } from './io.js'

/**
 * Looks at the configuration once more, as after SIGHUP, and says what is wrong with it. What runs goes on with what it
 * was started with in any case.
 */
export function lookAgain(path: string | undefined, io: CommandIo, log: Log): void {
  const outcome = loadConfiguration({
    ...(path !== undefined && { path }),
    env: io.env,
    cwd: io.cwd,
  })
  if (outcome.ok) {
    log.info({}, 'the configuration is in order: restart to apply it')
    return
  }
  const problems = outcome.problems.map(formatProblem)
  log.error({ problems }, 'reload_failed')
}
