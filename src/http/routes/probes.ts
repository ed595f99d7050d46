import { withoutCredentials } from '../../names.js'
import type { Access } from '../access.js'
import { shownBy } from '../app.js'
import type { Complaint, Probes } from '../probes.js'
import { get, type Route, type Visit } from '../route.js'

/**
 * For supervisors, which show no token: they learn what is wrong, by name. What exactly, with paths and addresses, is for
 * those who may look in.
 */
export function probeRoutes(probes: Probes, access: Access): readonly Route[] {
  const answer = (visit: Visit, complaints: readonly Complaint[], words: [string, string]) => {
    const maySee = ['reader', 'admin'].includes(access.judge(shownBy(visit)))
    const reasons = complaints.map(({ component, message }) => ({
      component,
      ...(maySee && { message: withoutCredentials(message) }),
    }))
    const isWell = reasons.length === 0
    return visit.json({ status: words[isWell ? 0 : 1], reasons }, isWell ? 200 : 503)
  }
  return [
    get('/livez', 'anyone', (visit) => answer(visit, probes.live(), ['alive', 'stuck'])),
    get('/readyz', 'anyone', (visit) => answer(visit, probes.ready(), ['ready', 'not ready'])),
  ]
}
