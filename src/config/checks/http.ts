import type { Findings } from '../findings.js'
import type { HttpInput } from '../schema/http.js'
import { isLoopback } from './loopback.js'

/** That nobody looks in who is not meant to. */
export function checkHttp({ host }: HttpInput, findings: Findings): void {
  const isGuarded = ['tls', 'token_file'].every((key) => findings.isWritten(['http', key]))
  if (isLoopback(host) || isGuarded) return
  findings.problem(
    ['http', 'host'],
    'beyond this machine (127.0.0.1, ::1, localhost) the dashboard needs tls and token_file; ' +
      'or use a reverse proxy in front of it',
  )
}
