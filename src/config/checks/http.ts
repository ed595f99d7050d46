import type { Findings } from '../findings.js'
import type { HttpInput } from '../schema/http.js'
import { isLoopback } from './loopback.js'

/** That nobody looks in who is not meant to. */
export function checkHttp({ host }: HttpInput, findings: Findings): void {
  if (
    findings.isWritten(['http', 'metrics', 'token_file']) &&
    !findings.isWritten(['http', 'token_file'])
  )
    findings.keyProblem(
      ['http', 'metrics', 'token_file'],
      'without http.token_file everybody on this machine sees the metrics and all else: add that',
    )
  const isGuarded = ['tls', 'token_file'].every((key) => findings.isWritten(['http', key]))
  if (isLoopback(host) || isGuarded) return
  findings.problem(
    ['http', 'host'],
    'beyond this machine (127.0.0.1, ::1, localhost) the dashboard needs tls and token_file; ' +
      'or use a reverse proxy in front of it',
  )
}
