import type { Access } from '../access.js'
import { addressOf, shownBy } from '../app.js'
import type { FleetFeed } from '../feed/fleet-feed.js'
import { isOwnPage } from '../gate.js'
import type { Refusals } from '../refusals.js'
import { get, type Route } from '../route.js'
import type { DeskView } from '../views.js'

/** By which the page knows whether to offer anything. */
export type Acting = 'never' | 'after-login' | 'now'

/**
 * Everything that the bridge can be asked for over MQTT, with the same documents and the same answers: what the page does,
 * and what programs do.
 */
export function requestRoutes(
  desk: DeskView,
  access: Access,
  refusals: Refusals,
  feed: Pick<FleetFeed, 'changed'>,
): readonly Route[] {
  return [
    get('/api/session', 'reader', (visit) => {
      const isAdmin = access.judge(shownBy(visit)) === 'admin'
      const acting: Acting = isAdmin ? 'now' : access.hasAdmin ? 'after-login' : 'never'
      return visit.json({ acting })
    }),
    {
      method: 'POST',
      path: '/api/requests/:verb{.+}',
      access: 'admin',
      longest: desk.longest,
      async answer(visit) {
        // A form of another page can send anything but this without being asked first whether it may.
        if (!/^application\/json\s*(?:;|$)/i.test(visit.req.header('content-type') ?? ''))
          return visit.json(refused('Content-Type: application/json is needed'), 415)
        // A cookie is sent by the browser, whoever wants it; SameSite does not tell ports apart.
        const isProgram = visit.req.header('authorization') !== undefined
        const origin = visit.req.header('origin')
        const fetchSite = visit.req.header('sec-fetch-site')
        if (!isProgram && !isOwnPage({ origin, fetchSite })) {
          refusals.add('cross-site', addressOf(visit))
          return visit.json(refused('a session acts only for pages of this bridge: no Origin'), 403)
        }
        const verb = visit.req.param('verb') ?? ''
        const payload = new Uint8Array(await visit.req.arrayBuffer())
        const asked = desk.ask({ verb, payload, over: 'http', from: addressOf(visit) })
        if (!asked) {
          visit.header('Retry-After', '5')
          return visit.json(refused('too many requests: wait a moment'), 429)
        }
        const answer = await asked.answer
        feed.changed()
        const status = answer.ok ? 200 : desk.knows(verb) ? 422 : 404
        return visit.json(desk.document(answer, asked.transaction), status)
      },
    },
  ]
}

const refused = (problem: string) => ({ status: 'error', error: problem, problems: [problem] })
