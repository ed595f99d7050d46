import type { Configuration } from '../config/index.js'
import { bindTrouble } from './bind-trouble.js'
import { type DoctorFinding, fail, fine, warn } from './doctor-finding.js'

/** Whether the dashboard can listen where it shall; while the bridge runs, the port is its own. */
export async function httpChecks(
  { http }: Configuration,
  isRunning: boolean,
): Promise<DoctorFinding[]> {
  if (!http) return []
  const where = `${http.host}:${http.port}`
  if (isRunning) return [fine('dashboard', `${where} is left to the bridge`)]
  const trouble = await bindTrouble(http)
  if (trouble === undefined) return [fine('dashboard', `${where} is free`)]
  const advice = 'unless the bridge runs, choose another port: http.port'
  if (trouble === 'EADDRINUSE') return [warn('dashboard', `${where} is taken`, advice)]
  return [
    fail('dashboard', `cannot listen on ${where}: ${trouble}`, 'check http.host and http.port'),
  ]
}
